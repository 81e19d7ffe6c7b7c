import { LANES, type Lane } from '@weir/contract'
import type { Clock } from '@weir/runtime'
import type Database from 'better-sqlite3'
import { Changes } from '../changes.ts'
import { type Memory, openMemory } from './acknowledged.ts'
import { type AtBound, Bound, type WhenFull } from './bound.ts'
import type { Entry, Refusal } from './entry.ts'
import { Feed } from './feed.ts'
import { LinkDays } from './link-days.ts'
import { openSpoolFile, type SpoolFile } from './open.ts'
import { openQuarantine, type Quarantine } from './quarantine.ts'
import { readSpoolStatus, type SpoolStatus } from './spool-status.ts'
import { write } from './write.ts'

export interface SpoolOptions {
  readonly path: string
  readonly bytesMax: number
  readonly whenFull: WhenFull
  /** At least one; a spool of version 1 becomes the first one's. */
  readonly aggregators: readonly string[]
  readonly outputs: readonly string[]
  readonly clock: Clock
  readonly rememberMs: number
  readonly rememberedEntriesMax: number
  readonly quarantineEntriesMax: number
}

/** Closing the oldest entries makes so much room, or a twentieth of a small spool: enough for some pages, done soon. */
const ROOM_BYTES = 16_000_000

/** Entries of one lane, or of those that shall go out once more, in order. */
export interface Batch {
  readonly from: Lane | 'quarantine'
  readonly entries: readonly [Entry, ...Entry[]]
}

/** Positions up to which an output was given something that it has not settled yet; 0 where there is none. */
export type Ahead = Readonly<Record<Batch['from'], number>>

const NOTHING_AHEAD: Ahead = { urgent: 0, quarantine: 0, bulk: 0 }

/** What became of a batch; entries in neither list were left out on purpose. */
export interface Outcome {
  readonly acknowledged: readonly Entry[]
  readonly refused: readonly Refusal[]
}

/**
 * The forwarder's own store: alerts between links and outputs, cursors on both sides. Every write is on
 * disk when it returns.
 */
export class Spool {
  /** Announced whenever entries came or went. */
  readonly changes = new Changes()
  readonly quarantine: Quarantine
  readonly memory: Memory
  readonly linkDays: LinkDays
  readonly #file: SpoolFile
  readonly #database: Database.Database
  readonly #options: SpoolOptions
  readonly #feeds: ReadonlyMap<string, Feed>
  readonly #bound: Bound
  readonly #bytes
  readonly #pendingFrom
  readonly #newerWaits
  readonly #move
  readonly #release
  readonly #oldestBulk
  readonly #close
  readonly #noteClosed
  #dataVersion = 0

  constructor(options: SpoolOptions) {
    this.#file = openSpoolFile(options.path, options.aggregators[0]!)
    const database = this.#file.database
    this.#database = database
    this.#options = options
    this.quarantine = openQuarantine(database, options.quarantineEntriesMax)
    this.memory = openMemory(database, options.rememberMs, options.rememberedEntriesMax)
    this.linkDays = new LinkDays(database)
    const parts = { database, quarantine: this.quarantine, changes: this.changes, clock: options.clock }
    this.#feeds = new Map(options.aggregators.map((name) => [name, new Feed(name, parts)]))
    this.#bound = new Bound(options.bytesMax)
    this.#bytes = database.prepare<[], number>(`SELECT bytes FROM total WHERE of = 'entry'`).pluck()
    this.#pendingFrom = database.prepare<unknown[], Entry>(PENDING)
    this.#newerWaits = database.prepare<unknown[], number>(NEWER_WAITS).pluck()
    this.#move = database.prepare('UPDATE output SET position = max(position, ?) WHERE name = ? AND lane = ?')
    this.#release = database.prepare(RELEASE)
    this.#oldestBulk = database.prepare<[], Pick<Entry, 'position'> & { readonly bytes: number }>(
      `SELECT position, bytes FROM entry WHERE lane = 'bulk' ORDER BY position`,
    )
    this.#close = database.prepare(`DELETE FROM entry WHERE lane = 'bulk' AND position <= ?`)
    this.#noteClosed = database.prepare(NOTE_CLOSED)
    const untold =
      database.prepare<[], number>(`SELECT entries FROM total WHERE of = 'closed'`).pluck().get() ?? 0
    if (untold > 0) this.#bound.reached(untold)
    this.#enter(options.outputs)
    this.changedByOthers()
  }

  /** A configured aggregator's side. */
  feed(aggregator: string): Feed {
    return this.#feeds.get(aggregator)!
  }

  /** Bytes held for outputs that have not acknowledged them. */
  get bytes(): number {
    return this.#bytes.get()!
  }

  /** At `bytesMax` nothing more is pulled; the page that reached it is still kept whole. */
  get full(): boolean {
    return this.bytes >= this.#options.bytesMax
  }

  get atBound(): AtBound | undefined {
    return this.#bound.standing(this.bytes)
  }

  /**
   * To be called when it is full: closes the oldest bulk entries where that is configured, and says how many. Urgent
   * ones are never closed.
   */
  makeRoom(): number {
    const closed = this.#options.whenFull === 'close-oldest' ? this.#closeOldest() : 0
    this.#bound.reached(closed)
    this.changes.announce()
    return closed
  }

  /** An aggregator was told that so many entries were closed: after a crash there is nothing of them to tell. */
  toldClosed(closed: number): void {
    if (closed === 0) return
    write(this.#database, () => this.#database.exec(FORGET_CLOSED))
    this.#bound.closingsTold()
  }

  /**
   * The next entries for an output: urgent ones of all aggregators, then what shall go out once more, then bulk;
   * `undefined` when it has them all.
   */
  next(output: string, entriesMax: number, bytesMax: number, ahead = NOTHING_AHEAD): Batch | undefined {
    for (const from of ['urgent', 'quarantine', 'bulk'] as const) {
      const [first, ...rest] =
        from === 'quarantine'
          ? within(
              bytesMax,
              this.quarantine.again(output, ahead[from], entriesMax, this.#options.clock.now()),
            )
          : within(bytesMax, this.#pendingFrom.iterate(from, output, from, ahead[from], entriesMax))
      if (first !== undefined) return { from, entries: [first, ...rest] }
    }
    return undefined
  }

  /**
   * Records what became of a batch, moves the output past it, and lets go of what no output needs any
   * more.
   */
  settle(output: string, batch: Batch, outcome: Outcome): void {
    const at = this.#options.clock.now()
    write(this.#database, () => {
      for (const entry of outcome.acknowledged) this.memory.acknowledge(output, entry, at)
      if (batch.from === 'quarantine') this.#settleAgain(batch, outcome, at)
      else this.#settleLane(batch.from, output, batch, outcome, at)
    })
    this.changes.announce()
  }

  /** Records what was acknowledged although the output cannot move past it yet. */
  remember(output: string, entries: readonly Entry[]): void {
    const at = this.#options.clock.now()
    write(this.#database, () => {
      for (const entry of entries) this.memory.acknowledge(output, entry, at)
    })
  }

  /** True when another process wrote into the spool since this was last asked. */
  changedByOthers(): boolean {
    const before = this.#dataVersion
    this.#dataVersion = Number(this.#database.pragma('data_version', { simple: true }))
    return this.#dataVersion !== before
  }

  /** True while a higher revision of the alert, in the same epoch, waits for this output. */
  newerWaits(output: string, { aggregator, epoch, id, revision }: Entry): boolean {
    return this.#newerWaits.get(output, id, revision, aggregator, epoch) !== undefined
  }

  status(): SpoolStatus {
    return readSpoolStatus(this.#database)
  }

  close(): void {
    this.#file.close()
  }

  /** Outputs that are no longer configured must not hold entries back; new ones begin with what is there. */
  #enter(outputs: readonly string[]): void {
    const names = JSON.stringify(outputs)
    write(this.#database, () => {
      this.#database
        .prepare('DELETE FROM output WHERE name NOT IN (SELECT value FROM json_each(?))')
        .run(names)
      const put = this.#database.prepare(
        'INSERT OR IGNORE INTO output (name, lane, position) VALUES (?, ?, 0)',
      )
      for (const lane of LANES) {
        for (const name of outputs) put.run(name, lane)
        this.#release.run(lane, lane)
      }
    })
  }

  #closeOldest(): number {
    const { bytesMax } = this.#options
    let excess = this.bytes - bytesMax + Math.min(ROOM_BYTES, bytesMax / 20)
    let last = 0
    for (const { position, bytes } of this.#oldestBulk.iterate()) {
      if (excess <= 0) break
      excess -= bytes
      last = position
    }
    return write(this.#database, () => {
      const closed = this.#close.run(last).changes
      if (closed > 0) this.#noteClosed.run(closed)
      return closed
    })
  }

  #settleLane(lane: Lane, output: string, { entries }: Batch, { refused }: Outcome, at: number): void {
    for (const { entry, reason } of refused) this.quarantine.put({ ...entry, output, reason, at })
    this.#move.run(entries.at(-1)!.position, output, lane)
    this.#release.run(lane, lane)
  }

  /** What was not refused once more is there now, or a newer revision of it is. */
  #settleAgain({ entries }: Batch, { refused }: Outcome, at: number): void {
    for (const { entry, reason } of refused) this.quarantine.refused(entry.position, reason, at)
    const not = new Set(refused.map(({ entry }) => entry))
    for (const entry of entries) if (!not.has(entry)) this.quarantine.gone(entry.position)
  }
}

/** The first entries, of so many bytes together; at least one. */
function within(bytesMax: number, entries: Iterable<Entry>): Entry[] {
  const found: Entry[] = []
  let bytes = 0
  for (const entry of entries) {
    bytes += entry.line.length
    if (found.length > 0 && bytes > bytesMax) break
    found.push(entry)
  }
  return found
}

const PENDING = `
  SELECT position, aggregator, lane, epoch, seq, id, revision, kind, severity, digest, line
  FROM entry
  WHERE lane = ? AND position > max((SELECT position FROM output WHERE name = ? AND lane = ?), ?)
  ORDER BY position LIMIT ?`

/** With the entries themselves: that they were lost is told after a crash, too. */
const NOTE_CLOSED = `
  INSERT INTO total (of, entries, bytes) VALUES ('closed', ?, 0)
  ON CONFLICT DO UPDATE SET entries = entries + excluded.entries`

const FORGET_CLOSED = `DELETE FROM total WHERE of = 'closed'`

const NEWER_WAITS = `
  SELECT 1 FROM entry JOIN output ON output.lane = entry.lane AND output.name = ?
  WHERE entry.id = ? AND entry.revision > ? AND entry.revision > 1 AND entry.aggregator = ? AND entry.epoch = ?
    AND entry.position > output.position
  LIMIT 1`

/** What every output is past. */
const RELEASE = `
  DELETE FROM entry WHERE lane = ? AND position <= (SELECT min(position) FROM output WHERE lane = ?)`
