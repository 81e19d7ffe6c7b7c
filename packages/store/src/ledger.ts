import type { Lane, LinkCount, LinkDay, OwnLinkCount, RawDay, WaitingAlerts } from '@weir/model'
import type { Database } from 'better-sqlite3'

interface LinkRow extends LinkCount {
  readonly ownReceived: number | null
  readonly ownSent: number | null
}

/** Counts by day: what was read, and what crossed the link. Days compare as texts. */
export class LedgerDays {
  readonly #database: Database
  readonly #statements

  constructor(database: Database) {
    this.#database = database
    this.#statements = prepare(database)
  }

  addLink(counts: readonly LinkCount[]): void {
    this.#database.transaction(() => {
      for (const each of counts) this.#statements.add.run(each)
    })()
  }

  markOwnLink(caller: string, counts: readonly OwnLinkCount[]): void {
    this.#database.transaction(() => {
      for (const { day, received, sent } of counts)
        this.#statements.markOwn.run({ day, caller, received, sent })
    })()
  }

  linkDays(from: string, to: string): LinkDay[] {
    return (this.#statements.link.all(from, to) as LinkRow[]).map(({ ownReceived, ownSent, ...count }) => ({
      ...count,
      ...(ownReceived === null || ownSent === null ? {} : { own: { received: ownReceived, sent: ownSent } }),
    }))
  }

  rawDays(from: string, to: string): RawDay[] {
    return this.#statements.raw.all(from, to) as RawDay[]
  }

  waiting(lane: Lane, after: number, entriesMax: number): WaitingAlerts[] {
    return this.#statements.waiting.all(lane, after, entriesMax) as WaitingAlerts[]
  }
}

/** Removes days before `before`; returns how many counts went. */
export function retireDays(database: Database, before: string): number {
  return ['link_day', 'raw_day']
    .map((table) => database.prepare(`delete from ${table} where day < ?`).run(before).changes)
    .reduce((sum, each) => sum + each, 0)
}

function prepare(database: Database) {
  return {
    add: database.prepare(
      `insert into link_day (day, caller, received, sent, feed_bytes, feed_packed_bytes, evidence_bytes, breaks)
       values (@day, @caller, @received, @sent, @feedBytes, @feedPackedBytes, @evidenceBytes, @breaks)
       on conflict do update set received = received + excluded.received, sent = sent + excluded.sent,
         feed_bytes = feed_bytes + excluded.feed_bytes,
         feed_packed_bytes = feed_packed_bytes + excluded.feed_packed_bytes,
         evidence_bytes = evidence_bytes + excluded.evidence_bytes, breaks = breaks + excluded.breaks`,
    ),
    markOwn: database.prepare(
      `insert into link_day (day, caller, own_received, own_sent) values (@day, @caller, @received, @sent)
       on conflict do update set own_received = excluded.own_received, own_sent = excluded.own_sent`,
    ),
    link: database.prepare(
      `select day, caller, received, sent, feed_bytes as feedBytes, feed_packed_bytes as feedPackedBytes,
         evidence_bytes as evidenceBytes, breaks, own_received as ownReceived, own_sent as ownSent
       from link_day where day between ? and ? order by day, caller`,
    ),
    raw: database.prepare(
      `select day, source, raw_bytes as rawBytes, records from raw_day where day between ? and ? order by day, source`,
    ),
    waiting: database.prepare(
      `select rule, kind, severity, count(*) as entries, sum(bytes) as bytes from
         (select rule, kind, severity, length(line) as bytes from feed
          where lane = ? and seq > ? and line is not null order by seq limit ?)
       group by rule, kind, severity order by bytes desc, rule`,
    ),
  }
}
