import { Readable } from 'node:stream'
import { type Cursor, isObject, type Notice, type SourceContext } from '@weir/model'
import { WeirError } from '@weir/runtime'
import { ByteBudget } from '../byte-budget.ts'
import type { SourceDeps } from '../deps.ts'
import { DAY_MS } from '../durations.ts'
import { decompressed } from '../files/open.ts'
import { Slots } from '../slots.ts'
import type { S3Config } from './config.ts'
import type { Piece } from './element-cutter.ts'
import type { S3Object } from './notice.ts'
import { type OpenObject, openObject, type S3Service } from './object.ts'
import { cutObject, Damaged } from './pieces.ts'
import { type Entry, idOf, type ObjectId, Seen } from './seen.ts'

/** How the reading of one object went; `committed` resolves once all of it is on disk. */
export type ReadOutcome =
  | { readonly kind: 'read'; readonly committed: Promise<void> }
  | { readonly kind: 'missing' }
  | { readonly kind: 'unreadable'; readonly reason: string }

const PART = 'part/'

/** How far an object is read of which only a part is committed. */
interface Part {
  readonly etag: string
  readonly end: number
  /** Day on which it was read, to forget it with the others. */
  readonly day: number
}

/** Reads objects whole and once: one that is remembered, or under way, is not read again. */
export class ObjectReader {
  readonly #config: S3Config
  readonly #deps: SourceDeps
  readonly #service: S3Service
  readonly #context: SourceContext
  readonly #partition: string
  readonly #seen: Seen
  readonly #parts: Map<string, Part>
  /** Delivered in this run and not yet committed. */
  readonly #underWay = new Map<ObjectId, Promise<void>>()
  readonly #slots: Slots
  /** One delivery at a time: a cursor also holds for objects before it, which must not come behind it in the line. */
  readonly #turn = new Slots(1)
  readonly #stored: ByteBudget
  readonly #inFlight: ByteBudget

  constructor(
    config: S3Config,
    deps: SourceDeps,
    service: S3Service,
    context: SourceContext,
    partition: string,
  ) {
    this.#config = config
    this.#deps = deps
    this.#service = service
    this.#context = context
    this.#partition = partition
    this.#seen = new Seen(context.cursors)
    this.#parts = partsIn(context.cursors)
    this.#slots = new Slots(config.parallelMax)
    this.#stored = new ByteBudget(config.objectBytesMax)
    this.#inFlight = new ByteBudget(config.bytesInFlightMax)
  }

  /** True when this version of it was read already, or is being read. */
  knows(object: S3Object): boolean {
    return object.etag !== undefined && this.#known(idOf(object, object.etag)) !== undefined
  }

  /** Resolves when all of it is delivered; rejects when the service fails. */
  async read(object: S3Object): Promise<ReadOutcome> {
    const told = object.etag === undefined ? undefined : idOf(object, object.etag)
    const known = told === undefined ? undefined : this.#known(told)
    if (known !== undefined) return { kind: 'read', committed: known }
    return this.#slots.run(() => this.#open(object, told))
  }

  /** Remembers one that cannot be read as if it were. */
  async giveUp(object: S3Object, detail: string): Promise<void> {
    const id = idOf(object, object.etag ?? '')
    await this.#turn.run(() =>
      this.#deliverEntries([this.#seen.add(id, this.#deps.clock.now())], { code: 'object-unread', detail }),
    )
  }

  /** Tells of something that was given up and is not remembered. */
  async tellUnread(detail: string): Promise<void> {
    await this.#turn.run(() => this.#deliverEntries([], { code: 'object-unread', detail }))
  }

  /** Forgets what was read before a time, and whole days where too much is remembered; resolves to the last one's end. */
  async forget(before: number): Promise<number> {
    const gone = this.#seen.forget(before)
    let end = 0
    while (this.#seen.size > this.#config.objectsRememberedMax) {
      const { day, entries } = this.#seen.forgetOldest()
      if (entries.length === 0) break
      end = (day + 1) * DAY_MS
      const until = new Date(end).toISOString()
      this.#deps.report.event('warn', 'objects_forgotten', { source: this.#config.name, until }, ['source'])
      gone.push(...entries)
    }
    for (const [name, { day }] of this.#parts)
      if ((day + 1) * DAY_MS <= before) gone.push(this.#dropPart(name))
    if (gone.length > 0) await this.deliverCursors(gone)
    return end
  }

  async deliverCursors(entries: readonly Entry[]): Promise<void> {
    await this.#turn.run(() => this.#deliverEntries(entries))
  }

  #deliverEntries(entries: readonly Entry[], notice?: Notice): Promise<void> {
    const said = notice === undefined ? {} : { notice }
    return this.#context.deliver({ ...this.#batch(), messages: [], cursors: this.#cursors(entries), ...said })
  }

  #known(id: ObjectId): Promise<void> | undefined {
    return this.#underWay.get(id) ?? (this.#seen.has(id) ? Promise.resolve() : undefined)
  }

  async #open(object: S3Object, told: ObjectId | undefined): Promise<ReadOutcome> {
    const { signal } = this.#context
    const open = await openObject(this.#service, object, signal)
    if (open === undefined) return { kind: 'missing' }
    const id = idOf(object, open.etag)
    const known = this.#known(id)
    if (known !== undefined || open.length > this.#config.objectBytesMax) {
      open.close()
      if (known !== undefined) return { kind: 'read', committed: known }
      return { kind: 'unreadable', reason: `has more than ${this.#config.objectBytesMax} bytes` }
    }
    const done = Promise.withResolvers<void>()
    // Whoever waits for it sees it reject; often nobody does.
    done.promise.catch(() => undefined)
    // A version that was told of and replaced before it was read is nowhere any more.
    const ids = told === undefined || told === id ? [id] : [id, told]
    for (const each of ids) this.#underWay.set(each, done.promise)
    try {
      await this.#readOpen(object, open, ids, done.resolve)
      return { kind: 'read', committed: done.promise }
    } catch (error) {
      for (const each of ids) this.#underWay.delete(each)
      done.reject(error)
      if (isTooLarge(error)) return { kind: 'unreadable', reason: error.message }
      throw error
    }
  }

  async #readOpen(
    object: S3Object,
    open: OpenObject,
    ids: readonly ObjectId[],
    done: () => void,
  ): Promise<void> {
    await this.#stored.take(open.length, this.#context.signal)
    try {
      await this.#deliverAll(object, open, await open.bytes(), ids, done)
    } finally {
      open.close()
      this.#stored.give(open.length)
    }
  }

  async #deliverAll(
    object: S3Object,
    open: OpenObject,
    stored: Buffer,
    ids: readonly ObjectId[],
    done: () => void,
  ): Promise<void> {
    const name = `${object.bucket}/${object.key}`
    const part = this.#parts.get(name)
    const from = part?.etag === open.etag ? part.end : 0
    let last: Piece | undefined
    try {
      for await (const piece of cutObject(decompressed(Readable.from([stored])), this.#config)) {
        if (piece.end <= from) continue
        const before = last
        if (before !== undefined)
          await this.#deliver(name, before, open, () => [this.#part(name, open, before.end)])
        last = piece
      }
    } catch (error) {
      const reason = damageOf(error)
      if (reason === undefined) throw error
      const { name: source } = this.#config
      this.#deps.report.event('error', 'object_damaged', { source, object: name, reason }, ['source'])
      // Damaged from its first byte: then it goes into quarantine as it is stored.
      last ??= { bytes: stored, offset: 0, end: stored.length }
    }
    const committed = (): void => {
      for (const id of ids) this.#underWay.delete(id)
      done()
    }
    await this.#deliver(name, last, open, () => this.#whole(name, ids), committed)
  }

  /** The cursors of an object that is read to its end. */
  #whole(name: string, ids: readonly ObjectId[]): Entry[] {
    const now = this.#deps.clock.now()
    const entries = ids.map((id) => this.#seen.add(id, now))
    return this.#parts.has(name) ? [...entries, this.#dropPart(name)] : entries
  }

  #deliver(
    name: string,
    piece: Piece | undefined,
    open: OpenObject,
    entries: () => readonly Entry[],
    then: () => void = () => undefined,
  ): Promise<void> {
    let held = piece?.bytes.length ?? 0
    const committed = (): void => {
      this.#inFlight.give(held)
      held = 0
      then()
    }
    return this.#turn.run(async () => {
      await this.#inFlight.take(held, this.#context.signal)
      const messages = piece === undefined ? [] : [this.#message(name, piece, open)]
      const cursors = this.#cursors(entries())
      await this.#context.deliver({ ...this.#batch(), messages, cursors, committed })
    })
  }

  #message(name: string, { bytes, offset }: Piece, { lastModified }: OpenObject) {
    const { dataset } = this.#config
    return {
      bytes,
      at: `${name}@${offset}`,
      arrival: lastModified,
      ...(dataset !== undefined && { dataset }),
    }
  }

  #batch() {
    const { name: source } = this.#config
    return { kind: 'batch', source, partition: this.#partition, unordered: true } as const
  }

  #cursors(entries: readonly Entry[]): Cursor[] {
    return entries.map(({ key, value }) => ({ source: this.#config.name, key, value }))
  }

  #part(name: string, { etag }: OpenObject, end: number): Entry {
    const part = { etag, end, day: Math.floor(this.#deps.clock.now() / DAY_MS) }
    this.#parts.set(name, part)
    return { key: `${PART}${name}`, value: JSON.stringify(part) }
  }

  #dropPart(name: string): Entry {
    this.#parts.delete(name)
    return { key: `${PART}${name}`, value: '' }
  }
}

function partsIn(cursors: ReadonlyMap<string, string>): Map<string, Part> {
  const parts = new Map<string, Part>()
  for (const [key, value] of cursors) {
    if (!key.startsWith(PART) || value === '') continue
    const part: unknown = JSON.parse(value)
    if (!isObject(part)) continue
    const { etag, end, day } = part
    if (typeof etag === 'string' && typeof end === 'number' && typeof day === 'number')
      parts.set(key.slice(PART.length), { etag, end, day })
  }
  return parts
}

/** What is wrong with the object itself; `undefined` when it is something else. */
function damageOf(error: unknown): string | undefined {
  if (error instanceof Damaged) return error.message
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return /^(?:Z_|ZSTD_)/.test(code) ? `${code}: ${(error as Error).message}` : undefined
}

/** One document without an end in sight. */
function isTooLarge(error: unknown): error is WeirError {
  return error instanceof WeirError && error.code === 'INPUT_UNREADABLE'
}
