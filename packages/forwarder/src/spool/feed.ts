import { type AlertV1, LANES, type Lane } from '@weir/contract'
import type { Clock } from '@weir/runtime'
import type Database from 'better-sqlite3'
import type { Changes } from '../changes.ts'
import { digestOf } from './digest.ts'
import type { FeedAlert, Point, Unreadable } from './entry.ts'
import type { Quarantine } from './quarantine.ts'
import { write } from './write.ts'

/** Where an aggregator's feed stands. */
export interface Standing {
  readonly epoch: string
  readonly lanes: Readonly<Record<Lane, Point>>
}

export interface FeedParts {
  readonly database: Database.Database
  readonly quarantine: Quarantine
  readonly changes: Changes
  readonly clock: Clock
}

/** The epoch of what we say ourselves: no aggregator's, so that it moves none of its marks. */
const OWN_EPOCH = ''

/** Bytes that an entry takes beside its line, roughly. */
const ENTRY_BYTES = 200

/** One aggregator's side of the spool. */
export class Feed {
  readonly aggregator: string
  readonly #parts: FeedParts
  readonly #points
  readonly #begin
  readonly #put
  readonly #move
  readonly #firstPending
  readonly #outage
  readonly #stand
  readonly #over

  constructor(aggregator: string, parts: FeedParts) {
    const { database } = parts
    this.aggregator = aggregator
    this.#parts = parts
    this.#points = database.prepare<[string], Point & { lane: Lane; epoch: string }>(
      'SELECT lane, epoch, seq, chain FROM feed WHERE aggregator = ?',
    )
    this.#begin = database.prepare(
      'INSERT OR REPLACE INTO feed (aggregator, lane, epoch, seq, chain) VALUES (?, ?, ?, ?, ?)',
    )
    this.#put = database.prepare(
      `INSERT INTO entry (aggregator, lane, epoch, seq, id, revision, kind, severity, digest, bytes, line)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    this.#move = database.prepare('UPDATE feed SET seq = ?, chain = ? WHERE aggregator = ? AND lane = ?')
    this.#outage = database.prepare<[string], string>('SELECT alert FROM outage WHERE aggregator = ?').pluck()
    this.#stand = database.prepare('INSERT OR REPLACE INTO outage (aggregator, alert) VALUES (?, ?)')
    this.#over = database.prepare('DELETE FROM outage WHERE aggregator = ?')
    this.#firstPending = database.prepare<string[], { readonly epoch: string; readonly seq: number }>(
      `SELECT epoch, seq FROM entry WHERE aggregator = ? AND lane = ? AND epoch <> '${OWN_EPOCH}'
       AND position > (SELECT position FROM output WHERE name = ? AND lane = ?) ORDER BY position LIMIT 1`,
    )
  }

  /** Where the feed stands; `undefined` before the first session. */
  standing(): Standing | undefined {
    const rows = this.#points.all(this.aggregator)
    const point = (lane: Lane) => rows.find((row) => row.lane === lane)
    const [urgent, bulk] = [point('urgent'), point('bulk')]
    if (urgent === undefined || bulk === undefined) return undefined
    const lanes = {
      urgent: { seq: urgent.seq, chain: urgent.chain },
      bulk: { seq: bulk.seq, chain: bulk.chain },
    }
    return { epoch: urgent.epoch, lanes }
  }

  /** Takes over the feed's points, at the first session or when the feed starts over; entries stay. */
  begin(standing: Standing): void {
    write(this.#parts.database, () => {
      for (const lane of LANES) {
        const { seq, chain } = standing.lanes[lane]
        this.#begin.run(this.aggregator, lane, standing.epoch, seq, chain)
      }
    })
    this.#parts.changes.announce()
  }

  /** Puts a verified page in and moves the lane's point, in one transaction. */
  append(lane: Lane, alerts: readonly FeedAlert[], unreadable: readonly Unreadable[], point: Point): void {
    const { database, quarantine, changes, clock } = this.#parts
    const aggregator = this.aggregator
    const epoch = this.standing()?.epoch ?? ''
    const at = clock.now()
    write(database, () => {
      for (const { seq, id, revision, kind, severity, digest, line } of alerts) {
        const about = [seq, id, revision, kind, severity, digest]
        this.#put.run(aggregator, lane, epoch, ...about, weigh(line), line)
      }
      for (const each of unreadable) quarantine.put({ ...each, output: '*', aggregator, lane, epoch, at })
      this.#move.run(point.seq, point.chain, aggregator, lane)
    })
    changes.announce()
  }

  /** The alert of our own that tells that nothing comes from this aggregator, while it stands. */
  get outage(): AlertV1 | undefined {
    const text = this.#outage.get(this.aggregator)
    return text === undefined ? undefined : (JSON.parse(text) as AlertV1)
  }

  /** Spools an alert of our own about the link, ahead of what comes next; it `stands`, or it is over. */
  own(alert: AlertV1, stands: boolean): void {
    const { database, changes, clock } = this.#parts
    const { id, revision, kind, severity } = alert.weir.alert
    const at = new Date(clock.now()).toISOString()
    const line = Buffer.from(JSON.stringify({ seq: 0, at, alert }))
    const about = [0, id, revision, kind, severity, digestOf(alert.weir.alert)]
    write(database, () => {
      this.#put.run(this.aggregator, 'urgent', OWN_EPOCH, ...about, weigh(line), line)
      if (stands) this.#stand.run(this.aggregator, JSON.stringify(alert))
      else this.#over.run(this.aggregator)
    })
    changes.announce()
  }

  /**
   * Highest sequence number up to which an output has everything; `undefined` while it still has an older
   * feed's entries.
   */
  delivered(output: string, lane: Lane): number | undefined {
    const standing = this.standing()
    if (standing === undefined) return undefined
    const first = this.#firstPending.get(this.aggregator, lane, output, lane)
    if (first === undefined) return standing.lanes[lane].seq
    return first.epoch === standing.epoch ? first.seq - 1 : undefined
  }
}

function weigh(line: Buffer): number {
  return line.length + ENTRY_BYTES
}
