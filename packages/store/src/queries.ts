import type {
  Alert,
  AlertFilter,
  Evidence,
  EvidenceSize,
  Match,
  Page,
  PartitionClock,
  Quarantined,
  RuleLedger,
  SourceBooks,
  StoredMember,
} from '@weir/model'
import { WeirError } from '@weir/runtime'
import type { Database } from 'better-sqlite3'

/**
 * Alerts, the one changed last first; `after` is the change number of the last one seen. Throws `WeirError`
 * WRONG_USE for an `after` that no page gave.
 */
export function queryAlerts(
  database: Database,
  filter: AlertFilter,
  limit: number,
  after?: string,
): Page<Alert> {
  const { where, values } = conditions(filter)
  if (after !== undefined) {
    where.push('changed < ?')
    values.push(numberIn(after))
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

/** The row number that a page gave as its `next`. */
export function numberIn(after: string): number {
  if (/^\d{1,15}$/.test(after)) return Number(after)
  throw unreadable(after)
}

function unreadable(after: string): WeirError {
  return new WeirError('WRONG_USE', `"${after}" is no place to continue at; take it from \`next\` of a page`)
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

export function paged<R, T>(
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
}

/** One at a time, and never a statement left open: commits come between. */
export async function* queryEvidence(database: Database, alertId: string): AsyncGenerator<Evidence> {
  const rows = database
    .prepare(
      `select distinct evidence.* from member join evidence using (identity)
       where member.episode = ? order by member.time, identity`,
    )
    .all(alertId) as EvidenceRow[]
  const record = database.prepare('select bytes from record where sha256 = ?').pluck()
  for (const row of rows) {
    const bytes = record.get(row.sha256) as Uint8Array | undefined
    // Retention may have come between.
    if (bytes !== undefined) yield evidenceOf(row, bytes)
  }
}

function evidenceOf(row: EvidenceRow, bytes: Uint8Array): Evidence {
  return {
    identity: row.identity,
    eventId: row.event_id,
    dataset: row.dataset,
    position: { source: row.source, partition: row.partition, at: row.at, index: row.idx },
    bytes,
    sha256: row.sha256,
  }
}

/** An alert and the episodes among its members: a correlation over rules may have episodes for members, to any depth. */
const PARTS = `with recursive part (id) as (
  select ? union select member.identity from part join member on member.episode = part.id
    where member.base_rule <> member.correlation
      and exists (select 1 from member inner_member where inner_member.episode = member.identity)
)`

export function queryParts(database: Database, alertId: string): string[] {
  return database.prepare(`${PARTS} select id from part`).pluck().all(alertId) as string[]
}

export function queryEvidenceSize(database: Database, alertId: string): EvidenceSize {
  const counts = database
    .prepare(
      `${PARTS}, own as (
         select distinct identity from part join member on member.episode = part.id
         where identity not in (select id from part)
       )
       select count(*) as members, count(*) - count(sha256) as lacking from own left join evidence using (identity)`,
    )
    .get(alertId) as Pick<EvidenceSize, 'members' | 'lacking'>
  const kept = database
    .prepare(
      `${PARTS}, own as (
         select distinct sha256 from part join member on member.episode = part.id join evidence using (identity)
       )
       select count(*) as records, coalesce(sum(length(bytes)), 0) as bytes from own join record using (sha256)`,
    )
    .get(alertId) as Pick<EvidenceSize, 'records' | 'bytes'>
  return { ...counts, ...kept }
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

/** The whole order of an episode's members: several may share a time and an identity. */
type MemberCursor = readonly [time: number, identity: string, baseRule: string, value: string]

const BEFORE_ALL: MemberCursor = [Number.MIN_SAFE_INTEGER, '', '', '']

/** Members of an episode by time. Throws `WeirError` WRONG_USE for an `after` that no page gave. */
export function queryMembers(
  database: Database,
  id: string,
  limit: number,
  after?: string,
): Page<StoredMember> {
  const rows = database
    .prepare(
      `select * from member where episode = ? and (time, identity, base_rule, value) > (?, ?, ?, ?)
       order by time, identity, base_rule, value limit ?`,
    )
    .all(id, ...(after === undefined ? BEFORE_ALL : memberCursor(after)), limit + 1) as MemberRow[]
  return paged(rows, limit, memberOf, (row) =>
    JSON.stringify([row.time, row.identity, row.base_rule, row.value] satisfies MemberCursor),
  )
}

function memberCursor(after: string): MemberCursor {
  const [time, identity, baseRule, value, ...more] = jsonList(after)
  const texts = [identity, baseRule, value]
  if (typeof time === 'number' && texts.every((text) => typeof text === 'string') && more.length === 0)
    return [time, ...texts] as unknown as MemberCursor
  throw unreadable(after)
}

function jsonList(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? value : []
  } catch {
    return []
  }
}

export function queryBooks(database: Database): SourceBooks[] {
  const drops = database.prepare('select filter, records from drop_book where source = ?').raw()
  const rows = database
    .prepare(
      `select source, read, normalized, duplicates, dropped, quarantined, events, raw_bytes as rawBytes,
         last_commit as lastCommit from books order by source`,
    )
    .all() as Omit<SourceBooks, 'droppedBy'>[]
  return rows.map((row) => ({
    ...row,
    droppedBy: Object.fromEntries(drops.all(row.source) as [filter: string, records: number][]),
  }))
}

export function queryLedger(database: Database): RuleLedger[] {
  return database
    .prepare(
      `select rule, matches, errors, skipped, alerts, revisions, alert_bytes as alertBytes,
         shadow_alerts as shadowAlerts, shadow_revisions as shadowRevisions, shadow_bytes as shadowBytes
       from rule_ledger order by rule`,
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
    .all(after === undefined ? Number.MAX_SAFE_INTEGER : numberIn(after), limit + 1) as {
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
