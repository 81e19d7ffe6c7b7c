import type { ContainerClient } from '@azure/storage-blob'
import type { Cursor, SourceContext } from '@weir/model'
import { type Backoff, backoffMs } from '@weir/runtime'
import type { SourceDeps } from '../deps.ts'
import { HOUR_MS } from '../durations.ts'
import type { BlobConfig, BlobContainer } from './config.ts'
import { type BlobCursor, parseCursor } from './cursor.ts'
import { discoverResources, listFolders } from './discover.ts'
import { BlobUnread, blobFailure, isMissing, NOT_YET } from './failure.ts'
import { hourStart } from './hours.ts'
import { type Layout, layoutOf } from './layout.ts'
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
  readonly #layout: Layout | undefined
  readonly #polls: BlobPolls
  /** Where the search begins. */
  readonly #roots: readonly string[]
  #since: Promise<number> | undefined
  #resources: Set<string> = new Set()
  #missing = false
  #discoverAt = 0
  #recheckAt = 0

  constructor(
    client: ContainerClient,
    context: SourceContext,
    deps: SourceDeps,
    shared: Omit<Reading, 'deliver' | 'signal'>,
  ) {
    this.#client = client
    this.#context = context
    this.#deps = deps
    this.#config = shared.config
    this.#reading = { ...shared, signal: context.signal, deliver: (piece) => this.#deliver(piece) }
    this.#layout = layoutOf(shared.container)
    this.#roots = rootsOf(shared.container, this.#layout)
    this.#polls = new BlobPolls(this.#reading, client, this.#layout, this.#storedCursors())
  }

  get name(): string {
    return this.#client.containerName
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

  /**
   * Reads the blob that a message tells of, and calls `committed` once all that it had is on disk. False when it is
   * none that this container is read for: outside the prefixes, not laid out like the others, or too old.
   */
  async readNow(blob: string, committed: () => void): Promise<boolean> {
    const now = this.#deps.clock.now()
    const since = await this.#firstHour(now)
    const place = this.#layout?.placeOf(blob)
    if (!this.#roots.some((root) => blob.startsWith(root))) return false
    if (this.#layout !== undefined && (place === undefined || place.endsAt <= this.#oldest(now, since)))
      return false
    if (place !== undefined && this.#resources.size < this.#config.resourcesMax)
      this.#resources.add(place.resource)
    await this.#polls.read(blob, { changed: true, final: false })
    await this.#deliverCursors([], committed)
    return true
  }

  async #poll(now: number): Promise<void> {
    const since = await this.#firstHour(now)
    const lagging = (bytes: number) => this.#state('lagging', now, { behind: bytes })
    const layout = this.#layout
    if (layout === undefined) return this.#forget(await this.#polls.flat(this.#roots, now, since, lagging))
    if (now >= this.#discoverAt) await this.#discover(layout, now)
    if (now < this.#recheckAt) return this.#polls.recent(layout, this.#resources, now, since)
    const oldest = this.#oldest(now, since)
    await this.#forget(this.#polls.expire(layout, oldest))
    try {
      await this.#polls.all(layout, this.#resources, now, oldest, lagging)
    } catch (error) {
      // Everything was listed, and the next look asks again for what could not be read.
      if (error instanceof BlobUnread) this.#recheckAt = now + this.#config.recheckMs
      throw error
    }
    this.#recheckAt = now + this.#config.recheckMs
  }

  #oldest(now: number, since: number): number {
    return Math.max(since, hourStart(now) - this.#config.hoursBack * HOUR_MS)
  }

  /** The hour of the very first run less `hoursFirst`, settled once and kept: nothing before it is ever read. */
  #firstHour(now: number): Promise<number> {
    this.#since ??= this.#settleSince(now)
    return this.#since
  }

  async #settleSince(now: number): Promise<number> {
    const stored = this.#storedSince()
    // One that lies ahead was settled by a clock that was wrong: nothing would be read until then.
    if (stored !== undefined && stored <= now) return stored
    const since = hourStart(now) - this.#config.hoursFirst * HOUR_MS
    await this.#deliverCursors([this.#cursor(SINCE, String(since))])
    return since
  }

  async #discover(layout: Layout, now: number): Promise<void> {
    const { slots, pace, signal } = this.#reading
    const list = async (prefix: string): Promise<string[]> => {
      await pace.turn(signal)
      return slots.run(() => listFolders(this.#client, prefix, signal))
    }
    const found = await discoverResources(this.#roots, list, layout, this.#config.resourcesMax)
    if (found.size >= this.#config.resourcesMax) this.#event('error', 'resources_bound')
    // A new resource may have hours behind it already.
    if ([...found].some((resource) => !this.#resources.has(resource))) this.#recheckAt = 0
    this.#resources = found
    this.#discoverAt = now + this.#config.discoverMs
  }

  async #forget(names: readonly string[]): Promise<void> {
    if (names.length > 0) await this.#deliverCursors(names.map((name) => this.#cursor(name, '')))
  }

  async #deliver({ blob, messages, heldBytes, cursor, unread }: BlobPiece): Promise<void> {
    const { budget, container } = this.#reading
    const { dataset } = container
    let held = heldBytes
    await this.#context.deliver({
      kind: 'batch',
      source: this.#config.name,
      partition: this.name,
      messages: dataset === undefined ? messages : messages.map((message) => ({ ...message, dataset })),
      cursors: [this.#cursor(blob, JSON.stringify(cursor))],
      unordered: true,
      ...(unread !== undefined && {
        notice: { code: 'object-unread', detail: `${this.name}/${blob}: ${unread}` },
      }),
      committed: () => {
        budget.give(held)
        held = 0
      },
    })
    this.#polls.delivered(blob, cursor)
  }

  async #deliverCursors(cursors: readonly Cursor[], committed?: () => void): Promise<void> {
    const { name: source } = this.#config
    const batch = { kind: 'batch', source, partition: this.name, messages: [], cursors } as const
    await this.#context.deliver(committed === undefined ? batch : { ...batch, committed })
  }

  /** Said once aloud, because a name that is misspelt looks just like this. */
  async #notYet(now: number): Promise<void> {
    if (!this.#missing) this.#event('warn', 'container_missing', { reason: NOT_YET })
    this.#missing = true
    await this.#caughtUp(now, NOT_YET)
  }

  async #caughtUp(now: number, reason?: string): Promise<void> {
    await this.#state('caught-up', now, reason === undefined ? {} : { reason })
    await this.#deps.clock.sleep(this.#pollMs(), this.#context.signal)
  }

  /** Of blobs that are appended to, a queue tells only that they were made. */
  #pollMs(): number {
    const { notify, pollMs, pollNotifiedMs } = this.#config
    return notify !== undefined && this.#reading.container.kind !== 'append' ? pollNotifiedMs : pollMs
  }

  async #cutOff(error: unknown, failures: number): Promise<void> {
    const { reason, hopeless, retryAfterMs } = blobFailure(error)
    this.#event('warn', 'source_cut_off', { reason, attempt: failures })
    await this.#state('cut-off', this.#deps.clock.now(), { reason })
    const pause = hopeless ? HOPELESS_MS : backoffMs(BACKOFF, failures, this.#deps.random())
    await this.#deps.clock.sleep(Math.max(pause, retryAfterMs), this.#context.signal)
  }

  async #state(
    state: 'caught-up' | 'lagging' | 'cut-off',
    now: number,
    more: { readonly behind?: number; readonly reason?: string } = {},
  ): Promise<void> {
    const { name: source } = this.#config
    await this.#context.deliver({ kind: 'state', source, partition: this.name, state, now, ...more })
  }

  #event(level: 'warn' | 'error', name: string, details: Readonly<Record<string, unknown>> = {}): void {
    const where = { source: this.#config.name, container: this.name }
    this.#deps.report.event(level, name, { ...where, ...details }, ['source'])
  }

  #cursor(blob: string, value: string): Cursor {
    return { source: this.#config.name, key: `${this.name}/${blob}`, value }
  }

  #storedSince(): number | undefined {
    const stored = Number(this.#context.cursors.get(`${this.name}/${SINCE}`) || Number.NaN)
    return Number.isFinite(stored) ? stored : undefined
  }

  #storedCursors(): Map<string, BlobCursor> {
    const prefix = `${this.name}/`
    const cursors = new Map<string, BlobCursor>()
    for (const [key, value] of this.#context.cursors) {
      const cursor = key.startsWith(prefix) ? parseCursor(value) : undefined
      if (cursor !== undefined) cursors.set(key.slice(prefix.length), cursor)
    }
    return cursors
  }
}

/** Folders, except where blobs are found by listing: then any beginning of a name. */
function rootsOf({ prefixes = [''] }: BlobContainer, layout: Layout | undefined): readonly string[] {
  if (layout === undefined) return prefixes
  return prefixes.map((root) => (root === '' || root.endsWith('/') ? root : `${root}/`))
}
