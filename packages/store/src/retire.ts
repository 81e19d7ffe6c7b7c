import { LANES, type Lane, type Retention, type Retired } from '@weir/model'
import type { Database } from 'better-sqlite3'

const DAY_MS = 86_400_000
/** Alerts removed at a time while the file is over its bound; a step is one transaction. */
const ALERTS_STEP = 200

/** Removes what the policy no longer keeps, oldest first; open alerts stay. */
export function retire(database: Database, policy: Retention, now: number): Retired {
  return {
    quarantine: retireQuarantine(database, now - policy.quarantineDaysMax * DAY_MS),
    ...retireFeed(database, policy),
    alerts: retireAlerts(database, policy, now - policy.alertDaysMax * DAY_MS),
  }
}

function retireQuarantine(database: Database, before: number): number {
  return database.prepare('delete from quarantine where created < ?').run(before).changes
}

function retireFeed(database: Database, policy: Retention): { feedEntries: number; feedClosed: number } {
  return database.transaction(() => {
    let feedEntries = 0
    for (const lane of LANES)
      feedEntries += dropDelivered(database, lane, deliveredBy(database, lane, policy.forwarders))
    return { feedEntries, feedClosed: closeOldest(database, policy) }
  })()
}

/** The sequence number up to which every output of every registered forwarder has acknowledged. */
function deliveredBy(database: Database, lane: Lane, forwarders: readonly string[]): number {
  const least = database.prepare('select min(seq) from delivered where forwarder = ? and lane = ?').pluck()
  const marks = forwarders.map((name) => (least.get(name, lane) as number | null) ?? 0)
  return marks.length === 0 ? 0 : Math.min(...marks)
}

function dropDelivered(database: Database, lane: Lane, upTo: number): number {
  const chain = database.prepare('select chain from feed where lane = ? and seq = ?').pluck().get(lane, upTo)
  if (chain === undefined) return 0
  database.prepare('update lane set base_seq = ?, base_chain = ? where lane = ?').run(upTo, chain, lane)
  return database.prepare('delete from feed where lane = ? and seq <= ?').run(lane, upTo).changes
}

/** Over `feedBytesMax` the oldest lines go, bulk first; their entries stay as tombstones that say so. */
function closeOldest(database: Database, policy: Retention): number {
  const bytes = database
    .prepare('select coalesce(sum(length(line)), 0) from feed where line is not null')
    .pluck()
  let over = (bytes.get() as number) - policy.feedBytesMax
  let closed = 0
  for (const lane of ['bulk', 'urgent'] as const) {
    if (over <= 0) break
    const rows = database
      .prepare('select seq, length(line) as size from feed where lane = ? and line is not null order by seq')
      .all(lane) as { seq: number; size: number }[]
    for (const { seq, size } of rows) {
      if (over <= 0) break
      database
        .prepare(`update feed set line = null, skip = 'closed' where lane = ? and seq = ?`)
        .run(lane, seq)
      over -= size
      closed += 1
    }
  }
  return closed
}

function retireAlerts(database: Database, policy: Retention, before: number): number {
  const old = database
    .prepare(`select id from alert where status <> 'open' and created < ? order by created`)
    .pluck()
    .all(before) as string[]
  dropAlerts(database, old)
  let dropped = old.length
  while (usedBytes(database) > policy.storeBytesMax) {
    const oldest = database
      .prepare(`select id from alert where status <> 'open' order by created limit ${ALERTS_STEP}`)
      .pluck()
      .all() as string[]
    if (oldest.length === 0) break
    dropAlerts(database, oldest)
    dropped += oldest.length
  }
  return dropped
}

function usedBytes(database: Database): number {
  const pragma = (name: string): number => Number(database.pragma(name, { simple: true }))
  return (pragma('page_count') - pragma('freelist_count')) * pragma('page_size')
}

function dropAlerts(database: Database, ids: readonly string[]): void {
  const statements = [
    'delete from alert_entity where alert = ?',
    'delete from member where episode = ?',
    'delete from episode where id = ?',
    'delete from alert where id = ?',
  ].map((text) => database.prepare(text))
  database.transaction(() => {
    for (const id of ids) for (const statement of statements) statement.run(id)
    // Also the evidence of members that were forgotten without an alert.
    database.exec('delete from evidence where identity not in (select identity from member)')
    database.exec('delete from record where sha256 not in (select sha256 from evidence)')
  })()
}
