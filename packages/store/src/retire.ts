import { setImmediate } from 'node:timers/promises'
import { LANES, type Lane, type Retention, type Retired } from '@weir/model'
import type { Database } from 'better-sqlite3'
import { retireAudit } from './audit.ts'
import { retireDays } from './ledger.ts'

const DAY_MS = 86_400_000
/** Alerts removed at a time; a step is one transaction. */
const ALERTS_STEP = 200
/** Quarantined records removed at a time, before any alert, for the same reason. */
const QUARANTINE_STEP = 500
/** Members looked at in one step for evidence that goes with them. */
const SWEEP_STEP = 500
/** Steps in one go for what has grown old; the rest follows in the next, half a minute later. */
const STEPS_MAX = 40
/** Entries of the feed looked at in one go, so that a long backlog is not held in memory. */
const FEED_STEP = 1_000

/**
 * Removes what the policy no longer keeps, oldest first; open alerts stay. Between two steps others have their turn, so
 * that ten thousand alerts that grow old at once keep nobody waiting.
 */
export async function retire(database: Database, policy: Retention, now: number): Promise<Retired> {
  retireDays(database, new Date(now - policy.ledgerDaysMax * DAY_MS).toISOString().slice(0, 10))
  retireAudit(database, now)
  const quarantine = await retireQuarantine(database, policy, now - policy.quarantineDaysMax * DAY_MS)
  const feed = retireFeed(database, policy)
  const alerts = await retireAlerts(database, policy, now - policy.alertDaysMax * DAY_MS)
  const bound = { quarantine: quarantine.bound, alerts: alerts.bound, ...alerts.upTo }
  return {
    quarantine: quarantine.old + quarantine.bound,
    ...feed,
    alerts: alerts.old + alerts.bound,
    bound: { ...bound, bytesOver: Math.max(0, usedBytes(database) - policy.storeBytesMax) },
  }
}

/** Whoever sends rubbish must not push out the alerts. */
async function retireQuarantine(
  database: Database,
  policy: Retention,
  before: number,
): Promise<{ readonly old: number; readonly bound: number }> {
  const old = database.prepare('delete from quarantine where created < ?').run(before).changes
  const oldest = database.prepare(
    `delete from quarantine where n in (select n from quarantine order by n limit ${QUARANTINE_STEP})`,
  )
  let bound = 0
  while (usedBytes(database) > policy.storeBytesMax) {
    const { changes } = oldest.run()
    if (changes === 0) break
    bound += changes
    await setImmediate()
  }
  return { old, bound }
}

function retireFeed(
  database: Database,
  policy: Retention,
): Pick<Retired, 'feedEntries' | 'feedClosed' | 'feedClosedBy'> {
  return database.transaction(() => {
    let feedEntries = 0
    for (const lane of LANES)
      feedEntries += dropDelivered(database, lane, deliveredBy(database, lane, policy.forwarders))
    closeOldest(database, policy)
    for (const lane of LANES) feedEntries += dropTombstones(database, lane, policy.feedTombstonesMax)
    const feedClosedBy = closedEntries(database)
    const feedClosed = feedClosedBy.reduce((sum, { entries }) => sum + entries, 0)
    return { feedEntries, feedClosed, feedClosedBy }
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
function closeOldest(database: Database, policy: Retention): void {
  const bytes = database.prepare('select sum(bytes) from lane').pluck().get() as number
  let over = bytes - policy.feedBytesMax
  const oldest = database.prepare(
    `select seq, length(line) as size from feed where lane = ? and line is not null order by seq limit ${FEED_STEP}`,
  )
  const close = database.prepare(`update feed set line = null, skip = 'closed' where lane = ? and seq = ?`)
  for (const lane of ['bulk', 'urgent'] as const) {
    while (over > 0) {
      const rows = oldest.all(lane) as { seq: number; size: number }[]
      if (rows.length === 0) break
      for (const { seq, size } of rows) {
        if (over <= 0) break
        close.run(lane, seq)
        over -= size
      }
    }
  }
}

/** Nobody fetches them any more, or not for long: without a bound they would push the alerts out of the file. */
function dropTombstones(database: Database, lane: Lane, tombstonesMax: number): number {
  const first = database.prepare('select min(seq) from feed where lane = ? and line is not null').pluck()
  const { base, head } = database
    .prepare('select base_seq as base, seq as head from lane where lane = ?')
    .get(lane) as { base: number; head: number }
  const last = ((first.get(lane) as number | null) ?? head + 1) - 1
  return last - base > tombstonesMax ? dropDelivered(database, lane, last) : 0
}

function closedEntries(database: Database): Retired['feedClosedBy'] {
  const byRule = `select rule, count(*) as entries from feed where skip = 'closed' group by rule order by entries desc, rule`
  return database.prepare(byRule).all() as { rule: string; entries: number }[]
}

interface RetiredAlerts {
  readonly old: number
  readonly bound: number
  /** When the youngest was first committed that went for the bound. */
  readonly upTo: { readonly alertsUpTo?: number }
}

async function retireAlerts(database: Database, policy: Retention, before: number): Promise<RetiredAlerts> {
  let old = 0
  for (let steps = 0; steps < STEPS_MAX; steps++) {
    const some = oldestAlerts(database, before)
    if (some.length === 0) break
    dropAlerts(database, some)
    old += some.length
    await setImmediate()
  }
  for (let steps = 0; steps < STEPS_MAX && sweep(database); steps++) await setImmediate()
  let bound = 0
  let upTo: RetiredAlerts['upTo'] = {}
  while (usedBytes(database) > policy.storeBytesMax) {
    await setImmediate()
    if (sweep(database)) continue
    const oldest = oldestAlerts(database, Number.MAX_SAFE_INTEGER)
    if (oldest.length === 0) break
    dropAlerts(database, oldest)
    bound += oldest.length
    upTo = { alertsUpTo: oldest.at(-1)!.created }
  }
  return { old, bound, upTo }
}

interface OldAlert {
  readonly id: string
  readonly created: number
}

/** As many as one step takes. */
function oldestAlerts(database: Database, before: number): OldAlert[] {
  return database
    .prepare(
      `select id, created from alert where status <> 'open' and created < ? order by created limit ${ALERTS_STEP}`,
    )
    .all(before) as OldAlert[]
}

function usedBytes(database: Database): number {
  const pragma = (name: string): number => Number(database.pragma(name, { simple: true }))
  return (pragma('page_count') - pragma('freelist_count')) * pragma('page_size')
}

function dropAlerts(database: Database, alerts: readonly OldAlert[]): void {
  const statements = [
    'delete from alert_entity where alert = ?',
    'delete from member where episode = ?',
    'delete from episode where id = ?',
    'delete from alert where id = ?',
  ].map((text) => database.prepare(text))
  database.transaction(() => {
    for (const { id } of alerts) for (const statement of statements) statement.run(id)
  })()
}

/**
 * Removes the evidence, and the records of nothing else, of members that went: with their alert, or forgotten before
 * there was one. One step; false when nothing was left to look at.
 */
function sweep(database: Database): boolean {
  const loose = database.prepare(`select identity from evidence_loose limit ${SWEEP_STEP}`).pluck()
  const identities = loose.all() as string[]
  const settle = database.prepare('delete from evidence_loose where identity = ?')
  const drop = database
    .prepare(
      `delete from evidence where identity = @identity
         and not exists (select 1 from member where member.identity = @identity) returning sha256`,
    )
    .pluck()
  const dropRecord = database.prepare(
    `delete from record where sha256 = @sha256
       and not exists (select 1 from evidence where evidence.sha256 = @sha256)`,
  )
  database.transaction(() => {
    for (const identity of identities) {
      for (const sha256 of drop.all({ identity })) dropRecord.run({ sha256 })
      settle.run(identity)
    }
  })()
  return identities.length > 0
}
