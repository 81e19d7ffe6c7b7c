import { LANES, type Lane } from '@weir/contract'
import { type Clock, WeirError } from '@weir/runtime'
import type Database from 'better-sqlite3'
import { Changes } from '../changes.ts'
import { type Memory, openMemory } from './acknowledged.ts'
import type { Entry, FeedAlert, Point, Refusal, Unreadable } from './entry.ts'
import { openSpoolFile, type SpoolFile } from './open.ts'
import { openQuarantine, type Quarantine } from './quarantine.ts'
import { readSpoolStatus, type SpoolStatus } from './spool-status.ts'

export interface SpoolOptions {
  readonly path: string
  readonly bytesMax: number
  readonly outputs: readonly string[]
  readonly clock: Clock
  readonly rememberMs: number
  readonly rememberedEntriesMax: number
  readonly quarantineEntriesMax: number
}

export interface Standing {
  readonly epoch: string
  readonly lanes: Readonly<Record<Lane, Point>>
}

/** Entries of one lane, in order. */
export interface Batch {
  readonly lane: Lane
  readonly entries: readonly [Entry, ...Entry[]]
}

/** What became of a batch; entries in neither list were left out on purpose. */
export interface Outcome {
  readonly acknowledged: readonly Entry[]
  readonly refused: readonly Refusal[]
}

/** Bytes that an entry takes beside its line, roughly. */
const ENTRY_BYTES = 200

/**
 * The forwarder's own store: alerts between link and outputs, cursors on both sides. Every write is on
 * disk when it returns.
 */
export class Spool {
  /** Announced whenever entries came or went. */
  readonly changes = new Changes()
  readonly quarantine: Quarantine
  readonly memory: Memory
  readonly #file: SpoolFile
  readonly #database: Database.Database
  readonly #options: SpoolOptions
  #bytes: number

  constructor(options: SpoolOptions) {
    this.#file = openSpoolFile(options.path)
    this.#database = this.#file.database
    this.#options = options
    this.quarantine = openQuarantine(this.#database, options.quarantineEntriesMax)
    this.memory = openMemory(this.#database, options.rememberMs, options.rememberedEntriesMax)
    this.#enter(options.outputs)
    this.#bytes = this.#number('SELECT coalesce(sum(bytes), 0) FROM entry')
  }

  /** Bytes held for outputs that have not acknowledged them. */
  get bytes(): number {
    return this.#bytes
  }

  /** At `bytesMax` nothing more is pulled; the page that reached it is still kept whole. */
  get full(): boolean {
    return this.#bytes >= this.#options.bytesMax
  }

  /** Where the feed stands; `undefined` before the first session. */
  standing(): Standing | undefined {
    const rows = this.#database.prepare<[], Point & { lane: Lane; epoch: string }>('SELECT * FROM feed').all()
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
    const put = this.#database.prepare(
      'INSERT OR REPLACE INTO feed (lane, epoch, seq, chain) VALUES (?, ?, ?, ?)',
    )
    this.#write(() => {
      for (const lane of LANES) {
        const { seq, chain } = standing.lanes[lane]
        put.run(lane, standing.epoch, seq, chain)
      }
    })
    this.changes.announce()
  }

  /** Puts a verified page in and moves the lane's point, in one transaction. */
  append(lane: Lane, alerts: readonly FeedAlert[], unreadable: readonly Unreadable[], point: Point): void {
    const epoch = this.standing()?.epoch ?? ''
    const put = this.#database.prepare(
      `INSERT INTO entry (lane, epoch, seq, id, revision, kind, severity, bytes, line)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    const now = this.#options.clock.now()
    this.#write(() => {
      for (const { seq, id, revision, kind, severity, line } of alerts)
        put.run(lane, epoch, seq, id, revision, kind, severity, weigh(line), line)
      for (const { seq, line, reason } of unreadable)
        this.quarantine.put({ output: '*', lane, seq, reason, at: now, line })
      this.#database
        .prepare('UPDATE feed SET seq = ?, chain = ? WHERE lane = ?')
        .run(point.seq, point.chain, lane)
    })
    this.#bytes += alerts.reduce((sum, { line }) => sum + weigh(line), 0)
    this.changes.announce()
  }

  /** The next entries for an output, urgent before bulk; `undefined` when it has them all. */
  next(output: string, entriesMax: number, bytesMax: number): Batch | undefined {
    for (const lane of LANES) {
      const [first, ...rest] = this.#pending(output, lane, entriesMax, bytesMax)
      if (first !== undefined) return { lane, entries: [first, ...rest] }
    }
    return undefined
  }

  /**
   * Records what became of a batch, moves the output past it, and lets go of what no output needs any
   * more.
   */
  settle(output: string, { lane, entries }: Batch, outcome: Outcome): void {
    const now = this.#options.clock.now()
    const freed = this.#write(() => {
      for (const { id, revision } of outcome.acknowledged) this.memory.acknowledge(output, id, revision, now)
      for (const { entry, reason } of outcome.refused)
        this.quarantine.put({ ...entry, output, reason, at: now })
      this.#move(output, lane, entries.at(-1)!.position)
      return this.#release(lane)
    })
    this.#bytes -= freed
    this.changes.announce()
  }

  /** True while a higher revision of the alert waits for this output. */
  newerWaits(output: string, id: string, revision: number): boolean {
    const sql = `SELECT count(*) FROM entry JOIN output ON output.lane = entry.lane AND output.name = ?
      WHERE entry.id = ? AND entry.revision > ? AND entry.position > output.position`
    return this.#number(sql, output, id, revision) > 0
  }

  /**
   * Highest sequence number up to which an output has everything; `undefined` while it still has an older
   * feed's entries.
   */
  delivered(output: string, lane: Lane): number | undefined {
    const standing = this.standing()
    if (standing === undefined) return undefined
    const [first] = this.#pending(output, lane, 1, 0)
    if (first === undefined) return standing.lanes[lane].seq
    return first.epoch === standing.epoch ? first.seq - 1 : undefined
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
    this.#database.transaction(() => {
      this.#database
        .prepare('DELETE FROM output WHERE name NOT IN (SELECT value FROM json_each(?))')
        .run(names)
      const put = this.#database.prepare(
        'INSERT OR IGNORE INTO output (name, lane, position) VALUES (?, ?, 0)',
      )
      for (const lane of LANES) {
        for (const name of outputs) put.run(name, lane)
        this.#release(lane)
      }
    })()
  }

  /** One transaction; the disk has it when this returns. */
  #write<T>(work: () => T): T {
    try {
      return this.#database.transaction(work)()
    } catch (cause) {
      throw new WeirError('STORE_FAILED', 'cannot write to the spool', { cause })
    }
  }

  #pending(output: string, lane: Lane, entriesMax: number, bytesMax: number): Entry[] {
    const sql = `SELECT position, lane, epoch, seq, id, revision, kind, severity, line FROM entry
      WHERE lane = ? AND position > (SELECT position FROM output WHERE name = ? AND lane = ?)
      ORDER BY position LIMIT ?`
    const found: Entry[] = []
    let bytes = 0
    for (const entry of this.#database
      .prepare<unknown[], Entry>(sql)
      .iterate(lane, output, lane, entriesMax)) {
      bytes += entry.line.length
      if (found.length > 0 && bytes > bytesMax) break
      found.push(entry)
    }
    return found
  }

  #move(output: string, lane: Lane, position: number): void {
    const sql = 'UPDATE output SET position = max(position, ?) WHERE name = ? AND lane = ?'
    this.#database.prepare(sql).run(position, output, lane)
  }

  #release(lane: Lane): number {
    const sql = `DELETE FROM entry WHERE lane = ?
      AND position <= (SELECT min(position) FROM output WHERE lane = ?)
      RETURNING bytes`
    const gone = this.#database.prepare<unknown[], { bytes: number }>(sql).all(lane, lane)
    return gone.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  #number(sql: string, ...values: unknown[]): number {
    return Number(
      this.#database
        .prepare(sql)
        .pluck()
        .get(...values),
    )
  }
}

function weigh(line: Buffer): number {
  return line.length + ENTRY_BYTES
}
