import type { Canary, CanaryStages, Lane } from '@weir/model'
import type { Database } from 'better-sqlite3'

/** Canaries that are kept; beyond it the oldest go, which only their own history misses. */
const CANARIES_MAX = 1_000

/** Prepares what keeps the canaries of a commit, once its alerts are in the feed. A second one of an id changes nothing. */
export function prepareCanaries(database: Database): (canaries: readonly Canary[], at: number) => void {
  const entry = database.prepare('select lane, seq from feed where alert = ? and line is not null')
  const put = database.prepare(
    `insert or ignore into canary (id, source, planted, arrived, committed, alert, lane, seq)
     values (@id, @source, @planted, @arrived, @at, @alert, @lane, @seq)`,
  )
  const old = `select id from canary where n <= (select max(n) from canary) - ${CANARIES_MAX}`
  const unmark = database.prepare(`delete from canary_mark where canary in (${old})`)
  const forget = database.prepare(`delete from canary where id in (${old})`)
  return (canaries, at) => {
    for (const { id, source, planted, arrived, alert = null } of canaries) {
      const found = entry.get(alert) as { lane: Lane; seq: number } | undefined
      const { lane, seq } = found ?? { lane: null, seq: null }
      const times = { planted: Math.floor(planted), arrived: Math.floor(arrived), at }
      put.run({ id, source, ...times, alert, lane, seq })
    }
    if (canaries.length === 0) return
    unmark.run()
    forget.run()
  }
}

/** Prepares what notes that a mark moved over canaries, for an output or, as '', for the spool. */
export function prepareCanaryMarks(database: Database) {
  const pass = database.prepare(
    `insert or ignore into canary_mark
     select id, @name, @output, @at from canary where lane = @lane and seq > @from and seq <= @to`,
  )
  return (of: { name: string; output: string; lane: Lane; from: number; to: number; at: number }): void =>
    void pass.run(of)
}

interface CanaryRow {
  readonly id: string
  readonly source: string
  readonly planted: number
  readonly arrived: number
  readonly committed: number
  readonly alert: string | null
  readonly lane: Lane | null
  readonly seq: number | null
}

export function queryCanaries(database: Database, limit: number): CanaryStages[] {
  const marks = database.prepare(
    'select forwarder, output, at from canary_mark where canary = ? order by at, forwarder, output',
  )
  const rows = database.prepare('select * from canary order by n desc limit ?').all(limit) as CanaryRow[]
  return rows.map(({ id, source, planted, arrived, committed, alert, lane, seq }) => ({
    id,
    source,
    planted,
    arrived,
    committed,
    ...(alert !== null && { alert }),
    ...(lane !== null && seq !== null && { entry: { lane, seq } }),
    marks: (marks.all(id) as { forwarder: string; output: string; at: number }[]).map(
      ({ forwarder, output, at }) => ({ forwarder, at, ...(output !== '' && { output }) }),
    ),
  }))
}
