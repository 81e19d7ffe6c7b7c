import { type ForwarderMarks, type ForwarderState, LANES, type Lane } from '@weir/model'
import type { Database } from 'better-sqlite3'
import { prepareCanaryMarks } from './canaries.ts'

interface ForwarderRow {
  readonly name: string
  readonly session: string | null
  readonly last_seen: number | null
  readonly spooled_urgent: number
  readonly spooled_bulk: number
}

interface DeliveredRow {
  readonly forwarder: string
  readonly output: string
  readonly lane: Lane
  readonly seq: number
}

/** Who fetches the feed, and how far each of them and of their outputs is. */
export class Forwarders {
  readonly #statements
  readonly #passCanaries
  readonly #inOne: (work: () => void) => void

  constructor(database: Database) {
    this.#passCanaries = prepareCanaryMarks(database)
    this.#inOne = database.transaction((work: () => void) => work())
    this.#statements = {
      all: database.prepare('select * from forwarder order by name'),
      delivered: database.prepare('select * from delivered'),
      session: database.prepare(
        `insert into forwarder (name, session, last_seen) values (?, ?, ?)
         on conflict do update set session = excluded.session, last_seen = excluded.last_seen`,
      ),
      // A mark never goes back: numbers go on from where they were, in a new epoch too.
      mark: database.prepare(
        `insert into forwarder (name, last_seen, spooled_urgent, spooled_bulk)
         values (@name, @at, @urgent, @bulk)
         on conflict do update set last_seen = excluded.last_seen,
           spooled_urgent = max(spooled_urgent, excluded.spooled_urgent),
           spooled_bulk = max(spooled_bulk, excluded.spooled_bulk)`,
      ),
      forget: database.prepare(
        'delete from delivered where forwarder = ? and output not in (select value from json_each(?))',
      ),
      await: database.prepare('insert or ignore into delivered select ?, value, ?, 0 from json_each(?)'),
      // Of outputs alone that the session named: any other one would hold the feed, and nobody would forget it.
      deliver: database.prepare(
        'update delivered set seq = max(seq, @to) where forwarder = @name and output = @output and lane = @lane',
      ),
    }
  }

  all(): ForwarderState[] {
    const delivered = this.#statements.delivered.all() as DeliveredRow[]
    return (this.#statements.all.all() as ForwarderRow[]).map((row) => ({
      name: row.name,
      ...(row.session === null ? {} : { session: row.session }),
      ...(row.last_seen === null ? {} : { lastSeen: row.last_seen }),
      spooled: { urgent: row.spooled_urgent, bulk: row.spooled_bulk },
      delivered: byOutput(delivered.filter((each) => each.forwarder === row.name)),
    }))
  }

  openSession(name: string, session: string, outputs: readonly string[], at: number): void {
    this.#statements.session.run(name, session, at)
    const named = JSON.stringify(outputs)
    this.#statements.forget.run(name, named)
    // A named output that has delivered nothing yet holds the feed from its beginning.
    for (const lane of LANES) this.#statements.await.run(name, lane, named)
  }

  mark(name: string, marks: ForwarderMarks, at: number): void {
    this.#inOne(() => this.#mark(name, marks, at))
  }

  #mark(name: string, marks: ForwarderMarks, at: number): void {
    const { urgent = 0, bulk = 0 } = marks.spooled ?? {}
    const known = this.all().find((each) => each.name === name)
    for (const [lane, to] of lanesOf(marks.spooled))
      this.#passCanaries({ name, output: '', lane, from: known?.spooled[lane] ?? 0, to, at })
    this.#statements.mark.run({ name, at, urgent, bulk })
    for (const [output, lanes] of Object.entries(marks.delivered ?? {})) {
      for (const [lane, to] of lanesOf(lanes)) {
        this.#passCanaries({ name, output, lane, from: known?.delivered[output]?.[lane] ?? 0, to, at })
        this.#statements.deliver.run({ name, output, lane, to })
      }
    }
  }
}

function lanesOf(marks: Partial<Record<Lane, number>> = {}): readonly (readonly [Lane, number])[] {
  return LANES.flatMap((lane) => (marks[lane] === undefined ? [] : [[lane, marks[lane]] as const]))
}

function byOutput(rows: readonly DeliveredRow[]): ForwarderState['delivered'] {
  const outputs: Record<string, Record<Lane, number>> = {}
  for (const { output, lane, seq } of rows) {
    outputs[output] ??= { urgent: 0, bulk: 0 }
    outputs[output][lane] = seq
  }
  return outputs
}
