import type { ContainerClient } from '@azure/storage-blob'
import type { Cursor, SourceContext } from '@weir/model'
import { type Backoff, backoffMs } from '@weir/runtime'
import type { SourceDeps } from '../deps.ts'
import type { Pace } from '../pace.ts'
import type { BlobConfig } from './config.ts'
import { type BlobCursor, parseCursor } from './cursor.ts'
import { discoverResources, listFolders } from './discover.ts'
import { blobFailure, isMissing, NOT_YET } from './failure.ts'
import { HOUR_MS, hourStart } from './hours.ts'
import { BlobPolls } from './poll.ts'
import type { BlobPiece, Reading } from './reading.ts'

const BACKOFF: Backoff = { firstMs: 1_000, maxMs: 60_000 }
/** Before trying again what an operator has to mend. */
const HOPELESS_MS = 60_000
/** Key of the cursor, beside those of the blobs, that holds the first hour ever read. */
const SINCE = '#since'

/** Reads one container, poll by poll, until the signal aborts. */
export class ContainerReader {
  readonly #config: BlobConfig
  readonly #deps: SourceDeps
  readonly #client: ContainerClient
  readonly #context: SourceContext
  readonly #reading: Reading
  readonly #pace: Pace
  readonly #polls: BlobPolls
  #since: number | undefined
  #resources: ReadonlySet<string> = new Set()
  #missing = false
  #discoverAt = 0
  #recheckAt = 0

  constructor(
    client: ContainerClient,
    context: SourceContext,
    deps: SourceDeps,
    pace: Pace,
    shared: Omit<Reading, 'deliver' | 'signal'>,
  ) {
    this.#client = client
    this.#context = context
    this.#deps = deps
    this.#config = shared.config
    this.#pace = pace
    this.#reading = { ...shared, signal: context.signal, deliver: (piece) => this.#deliver(piece) }
    this.#since = this.#storedSince()
    this.#polls = new BlobPolls(this.#reading, client, this.#storedCursors())
  }

  async run(): Promise<void> {
    const { signal } = this.#context
    for (let failures = 0; !signal.aborted; ) {
      const now = this.#deps.clock.now()
      try {
        await this.#poll(now)
        failures = 0
        this.#missing = false
        await this.#caughtUp(now)
      } catch (error) {
        if (signal.aborted) return
        if (isMissing(error)) await this.#notYet(now)
        else await this.#cutOff(error, ++failures)
      }
    }
  }

  async #poll(now: number): Promise<void> {
    const since = await this.#firstHour(now)
    if (now >= this.#discoverAt) await this.#discover(now)
    if (now < this.#recheckAt) return this.#polls.recent(this.#resources, now, since)
    const oldest = Math.max(since, hourStart(now) - this.#config.hoursBack * HOUR_MS)
    await this.#polls.all(this.#resources, now, oldest, (bytes) =>
      this.#state('lagging', now, { behind: bytes }),
    )
    this.#recheckAt = now + this.#config.recheckMs
    await this.#forget(oldest)
  }

  /** The hour of the very first run less `hoursFirst`, settled once and kept: nothing before it is ever read. */
  async #firstHour(now: number): Promise<number> {
    if (this.#since !== undefined) return this.#since
    this.#since = hourStart(now) - this.#config.hoursFirst * HOUR_MS
    await this.#deliverCursors([this.#cursor(SINCE, String(this.#since))])
    return this.#since
  }

  async #discover(now: number): Promise<void> {
    const { container, slots, signal } = this.#reading
    const list = async (prefix: string): Promise<string[]> => {
      await this.#pace.turn(signal)
      return slots.run(() => listFolders(this.#client, prefix, signal))
    }
    const roots = (container.prefixes ?? ['']).map((root) =>
      root === '' || root.endsWith('/') ? root : `${root}/`,
    )
    const found = await discoverResources(roots, list, this.#config.resourcesMax)
    if (found.size >= this.#config.resourcesMax) this.#event('error', 'resources_bound')
    // A new resource may have hours behind it already.
    if ([...found].some((resource) => !this.#resources.has(resource))) this.#recheckAt = 0
    this.#resources = found
    this.#discoverAt = now + this.#config.discoverMs
  }

  async #forget(before: number): Promise<void> {
    const names = this.#polls.expire(before)
    if (names.length > 0) await this.#deliverCursors(names.map((name) => this.#cursor(name, '')))
  }

  async #deliver({ blob, bytes, offset, arrival, cursor }: BlobPiece): Promise<void> {
    const { budget } = this.#reading
    let held = bytes.length
    await this.#context.deliver({
      kind: 'batch',
      source: this.#config.name,
      partition: this.#client.containerName,
      messages: [{ bytes, at: `${blob}@${offset}`, arrival }],
      cursors: [this.#cursor(blob, JSON.stringify(cursor))],
      unordered: true,
      committed: () => {
        budget.give(held)
        held = 0
      },
    })
  }

  async #deliverCursors(cursors: readonly Cursor[]): Promise<void> {
    const { name: source } = this.#config
    const partition = this.#client.containerName
    await this.#context.deliver({ kind: 'batch', source, partition, messages: [], cursors })
  }

  /** Said once aloud, because a name that is misspelt looks just like this. */
  async #notYet(now: number): Promise<void> {
    if (!this.#missing) this.#event('warn', 'container_missing', { reason: NOT_YET })
    this.#missing = true
    await this.#caughtUp(now, NOT_YET)
  }

  async #caughtUp(now: number, reason?: string): Promise<void> {
    await this.#state('caught-up', now, reason === undefined ? {} : { reason })
    await this.#deps.clock.sleep(this.#config.pollMs, this.#context.signal)
  }

  async #cutOff(error: unknown, failures: number): Promise<void> {
    const { reason, hopeless } = blobFailure(error)
    this.#event('warn', 'source_cut_off', { reason, attempt: failures })
    await this.#state('cut-off', this.#deps.clock.now(), { reason })
    const pause = hopeless ? HOPELESS_MS : backoffMs(BACKOFF, failures, this.#deps.random())
    await this.#deps.clock.sleep(pause, this.#context.signal)
  }

  async #state(
    state: 'caught-up' | 'lagging' | 'cut-off',
    now: number,
    more: { readonly behind?: number; readonly reason?: string } = {},
  ): Promise<void> {
    const partition = this.#client.containerName
    await this.#context.deliver({ kind: 'state', source: this.#config.name, partition, state, now, ...more })
  }

  #event(level: 'warn' | 'error', name: string, details: Readonly<Record<string, unknown>> = {}): void {
    const where = { source: this.#config.name, container: this.#client.containerName }
    this.#deps.report.event(level, name, { ...where, ...details }, ['source'])
  }

  #cursor(blob: string, value: string): Cursor {
    return { source: this.#config.name, key: `${this.#client.containerName}/${blob}`, value }
  }

  #storedSince(): number | undefined {
    const stored = Number(this.#context.cursors.get(`${this.#client.containerName}/${SINCE}`) || Number.NaN)
    return Number.isFinite(stored) ? stored : undefined
  }

  #storedCursors(): Map<string, BlobCursor> {
    const prefix = `${this.#client.containerName}/`
    const cursors = new Map<string, BlobCursor>()
    for (const [key, value] of this.#context.cursors) {
      const cursor = key.startsWith(prefix) ? parseCursor(value) : undefined
      if (cursor !== undefined) cursors.set(key.slice(prefix.length), cursor)
    }
    return cursors
  }
}
