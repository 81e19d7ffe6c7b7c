import type {
  Alert,
  AlertFilter,
  Evidence,
  Match,
  Page,
  PartitionClock,
  Quarantined,
  RuleLedger,
  SourceBooks,
  StoredMember,
} from '@weir/model'
import type { Database } from 'better-sqlite3'

/** Alerts, the one changed last first; `after` is the change number of the last one seen. */
export function queryAlerts(
  database: Database,
  filter: AlertFilter,
  limit: number,
  after?: string,
): Page<Alert> {
  const { where, values } = conditions(filter)
  if (after !== undefined) {
    where.push('changed < ?')
    values.push(Number(after))
  }
  const text = where.length === 0 ? '' : `where ${where.join(' and ')}`
  const rows = database
    .prepare(`select changed, doc from alert ${text} order by changed desc limit ?`)
    .all(...values, limit + 1) as { changed: number; doc: string }[]
  return paged(
    rows,
    limit,
    (row) => JSON.parse(row.doc) as Alert,
    (row) => String(row.changed),
  )
}

function conditions(filter: AlertFilter): { where: string[]; values: (string | number)[] } {
  const where: string[] = []
  const values: (string | number)[] = []
  const add = (text: string, ...of: (string | number | undefined)[]): void => {
    if (of.some((value) => value === undefined) || of.length === 0) return
    where.push(text)
    values.push(...(of as (string | number)[]))
  }
  add('last >= ?', filter.from)
  add('last <= ?', filter.to)
  add('rule = ?', filter.rule)
  add('kind = ?', filter.kind)
  add('status = ?', filter.status)
  add('id in (select alert from alert_entity where entity = ?)', filter.entity)
  const severities = filter.severity ?? []
  add(`severity in (${severities.map(() => '?').join(', ')})`, ...severities)
  return { where, values }
}

function paged<R, T>(
  rows: readonly R[],
  limit: number,
  item: (row: R) => T,
  cursor: (row: R) => string,
): Page<T> {
  const kept = rows.slice(0, limit)
  const last = kept.at(-1)
  const items = kept.map(item)
  return rows.length > limit && last !== undefined ? { items, next: cursor(last) } : { items }
}

interface EvidenceRow {
  readonly identity: string
  readonly event_id: string
  readonly dataset: string
  readonly source: string
  readonly partition: string
  readonly at: string
  readonly idx: number
  readonly sha256: string
  readonly bytes: Uint8Array
}

export function queryEvidence(database: Database, alertId: string): Evidence[] {
  const rows = database

    .prepare(
      `select distinct evidence.*, record.bytes from member join evidence using (identity) join record using (sha256)
       where member.episode = ? order by member.time, identity`,
    )
    .all(alertId) as EvidenceRow[]
  return rows.map((row) => ({
    identity: row.identity,
    eventId: row.event_id,
    dataset: row.dataset,
    position: { source: row.source, partition: row.partition, at: row.at, index: row.idx },
    bytes: row.bytes,
    sha256: row.sha256,
  }))
}

export interface MemberRow {
  readonly rule_hash: string
  readonly group_key: string
  readonly identity: string
  readonly base_rule: string
  readonly value: string
  readonly correlation: string
  readonly time: number
  readonly episode: string | null
  readonly match: string
}

export function memberOf(row: MemberRow): StoredMember {
  return {
    correlation: row.correlation,
    ruleHash: row.rule_hash,
    groupKey: row.group_key,
    value: row.value,
    match: JSON.parse(row.match) as Match,
    ...(row.episode === null ? {} : { episode: row.episode }),
  }
}

/** Members of an episode by time; `after` is `<time>:<identity>` of the last one seen. */
export function queryMembers(
  database: Database,
  id: string,
  limit: number,
  after?: string,
): Page<StoredMember> {
  const [time, identity] = after === undefined ? [-1e15, ''] : splitCursor(after)
  const rows = database
    .prepare(
      `select * from member where episode = ? and (time, identity) > (?, ?) order by time, identity limit ?`,
    )
    .all(id, time, identity, limit + 1) as MemberRow[]
  return paged(rows, limit, memberOf, (row) => `${row.time}:${row.identity}`)
}

function splitCursor(cursor: string): [number, string] {
  const colon = cursor.indexOf(':')
  return [Number(cursor.slice(0, colon)), cursor.slice(colon + 1)]
}

export function queryBooks(database: Database): SourceBooks[] {
  return database
    .prepare(
      `select source, read, normalized, duplicates, dropped, quarantined, events, raw_bytes as rawBytes,
         last_commit as lastCommit from books order by source`,
    )
    .all() as SourceBooks[]
}

export function queryLedger(database: Database): RuleLedger[] {
  return database
    .prepare(
      'select rule, matches, errors, skipped, alerts, revisions, alert_bytes as alertBytes from rule_ledger order by rule',
    )
    .all() as RuleLedger[]
}

export function queryClocks(database: Database): PartitionClock[] {
  const rows = database.prepare('select * from clock order by source, partition').all() as {
    source: string
    partition: string
    clock: number
    datasets: string
  }[]
  return rows.map((row) => ({ ...row, datasets: JSON.parse(row.datasets) as string[] }))
}

/** Quarantined bytes, newest first; `after` is the row number of the last one seen. */
export function queryQuarantine(database: Database, limit: number, after?: string): Page<Quarantined> {
  const rows = database
    .prepare('select * from quarantine where n < ? order by n desc limit ?')
    .all(after === undefined ? Number.MAX_SAFE_INTEGER : Number(after), limit + 1) as {
    n: number
    source: string
    partition: string
    at: string
    idx: number
    reason: string
    bytes: Uint8Array
  }[]
  return paged(
    rows,
    limit,
    (row) => ({
      position: { source: row.source, partition: row.partition, at: row.at, index: row.idx },
      bytes: row.bytes,
      reason: row.reason,
    }),
    (row) => String(row.n),
  )
}
