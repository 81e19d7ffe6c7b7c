import type { BlobItem, ContainerClient } from '@azure/storage-blob'
import { HOUR_MS } from '../durations.ts'
import { allEnded } from '../slots.ts'
import { type BlobCursor, isBlockCursor } from './cursor.ts'
import { BlobUnread, isMissing } from './failure.ts'
import { ChangedMeanwhile } from './forward.ts'
import { daysBetween } from './hours.ts'
import type { Layout } from './layout.ts'
import { type Look, readBlob } from './read-blob.ts'
import { FOOTER_BYTES } from './read-blocks.ts'
import type { Reading } from './reading.ts'

type TellBehind = (bytes: number) => Promise<void>

/** One container's blobs: what is known of them, and the ways to look for more. */
export class BlobPolls {
  readonly #reading: Reading
  readonly #client: ContainerClient
  readonly #layout: Layout | undefined
  readonly #cursors: Map<string, BlobCursor>
  readonly #busy = new Map<string, Promise<void>>()
  /** Blobs that could not be read when they were last looked at: every look asks for them again. */
  readonly #unread = new Set<string>()

  constructor(
    reading: Reading,
    client: ContainerClient,
    layout: Layout | undefined,
    cursors: Map<string, BlobCursor>,
  ) {
    this.#reading = reading
    this.#client = client
    this.#layout = layout
    this.#cursors = cursors
  }

  /** What was delivered counts, also when the rest of the blob could not be read. */
  delivered(name: string, cursor: BlobCursor): void {
    this.#cursors.set(name, cursor)
  }

  /**
   * The current and the previous hour of every resource: for lines that are appended two ranged reads of computed
   * names, no listing; for others two listings, because more than the hour is part of the name.
   */
  async recent(layout: Layout, resources: Iterable<string>, now: number, since: number): Promise<void> {
    const { kind, pattern } = this.#reading.container
    const computed = kind === 'append' && pattern === undefined
    const prefixes = new Set<string>()
    for (const resource of resources)
      for (const hour of [now, now - HOUR_MS])
        if (hour >= since) prefixes.add(layout.hourPrefix(resource, hour))
    const names = new Set(computed ? [...prefixes].map((prefix) => `${prefix}PT1H.json`) : [])
    const folders = computed ? [] : [...prefixes]
    const again = [...this.#unread].filter((name) => !names.has(name))
    await allEnded([
      ...[...names].map((name) => this.read(name, NOT_KNOWN)),
      ...folders.map((prefix) => this.#hour(prefix, now, since)),
      ...again.map((name) => this.read(name, { changed: true, final: false })),
    ])
  }

  /** Every hour since a time, by one listing a resource and day; reads what grew. Bytes that wait are told first. */
  async all(
    layout: Layout,
    resources: Iterable<string>,
    now: number,
    since: number,
    behind: TellBehind,
  ): Promise<void> {
    const prefixes = new Set<string>()
    for (const resource of resources)
      for (const day of daysBetween(since, now)) prefixes.add(layout.dayPrefix(resource, day))
    const listings = [...prefixes].map((prefix) => this.#wanted(prefix, now, since))
    await allEnded(listings)
    await this.#readAll((await Promise.all(listings)).flat(), now, behind)
  }

  /**
   * Everything below the roots, by one listing for 5,000 blobs, where names tell no date; reads what changed since
   * a time. Resolves to the names of blobs that are gone, whose cursors are forgotten.
   */
  async flat(roots: readonly string[], now: number, since: number, behind: TellBehind): Promise<string[]> {
    // Each look lists them all, and so finds again what could not be read.
    this.#unread.clear()
    // A blob that a message has had read meanwhile may be none of those listed, and is there all the same.
    const known = new Set(this.#cursors.keys())
    const names = new Set<string>()
    const wanted: BlobItem[] = []
    for (const root of roots)
      for await (const items of this.#pages(root)) {
        for (const { name } of items) names.add(name)
        wanted.push(...items.filter((item) => this.#wants(item, now, since)))
        if (names.size >= this.#reading.config.filesMax) break
        await this.#reading.pace.turn(this.#reading.signal)
      }
    const full = names.size >= this.#reading.config.filesMax
    if (full) this.#tooMany()
    await this.#readAll(wanted, now, behind)
    return full ? [] : this.#forget((name) => known.has(name) && !names.has(name))
  }

  #tooMany(): void {
    const { config, container, report } = this.#reading
    report.event('error', 'files_bound', { source: config.name, container: container.container }, ['source'])
  }

  /** Names of blobs whose hour is too old for them to grow; their cursors are forgotten. */
  expire(layout: Layout, before: number): string[] {
    const isOld = (name: string): boolean => (layout.placeOf(name)?.endsAt ?? before) <= before
    for (const name of this.#unread) if (isOld(name)) this.#unread.delete(name)
    return this.#forget(isOld)
  }

  /** Reads one blob behind its cursor, after whoever else is at it. */
  async read(name: string, look: Look): Promise<void> {
    const before = this.#busy.get(name) ?? Promise.resolve()
    const mine = before.catch(() => undefined).then(() => this.#read(name, look))
    this.#busy.set(name, mine)
    try {
      await mine
    } finally {
      if (this.#busy.get(name) === mine) this.#busy.delete(name)
    }
  }

  async #read(name: string, look: Look): Promise<void> {
    try {
      const cursor = await readBlob(this.#reading, this.#client, name, this.#cursors.get(name), look)
      if (cursor !== undefined) this.#cursors.set(name, cursor)
      this.#unread.delete(name)
    } catch (error) {
      if (isMissing(error) || this.#reading.signal.aborted) throw error
      if (!(error instanceof ChangedMeanwhile)) {
        this.#unread.add(name)
        throw new BlobUnread(name, error)
      }
      const cursor = this.#cursors.get(name)
      if (cursor !== undefined) this.#cursors.set(name, { ...cursor, etag: '' })
    }
  }

  async #hour(prefix: string, now: number, since: number): Promise<void> {
    await this.#readAll(await this.#wanted(prefix, now, since), now, async () => {})
  }

  async #readAll(items: readonly BlobItem[], now: number, behind: TellBehind): Promise<void> {
    if (items.length > 0) await behind(items.reduce((sum, item) => sum + this.#waiting(item), 0))
    await allEnded(
      items.map((item) => this.read(item.name, { changed: true, final: this.#isFinal(item, now) })),
    )
  }

  /** What is worth reading below the folder of one hour or one day of one resource. */
  async #wanted(prefix: string, now: number, since: number): Promise<readonly BlobItem[]> {
    const wanted: BlobItem[] = []
    for await (const items of this.#pages(prefix))
      wanted.push(...items.filter((item) => this.#wants(item, now, since)))
    return wanted
  }

  /** One request each. */
  async *#pages(prefix: string): AsyncGenerator<readonly BlobItem[]> {
    const { slots, signal } = this.#reading
    const pages = this.#client.listBlobsFlat({ prefix, abortSignal: signal }).byPage()
    for (;;) {
      const page = await slots.run(() => pages.next())
      if (page.done === true) return
      yield page.value.segment.blobItems
    }
  }

  #wants(item: BlobItem, now: number, since: number): boolean {
    const known = this.#cursors.has(item.name)
    const time = this.#timeOf(item)
    // What was there before the first run is left alone; what was read once is followed for good.
    if (time === undefined || (time <= since && (this.#layout !== undefined || !known))) return false
    if (this.#hasChanged(item)) return true
    return known && this.#isFinal(item, now) && this.#waiting(item) > 0
  }

  /** End of the hour that the name tells; where names tell none, when the blob was last written. */
  #timeOf(item: BlobItem): number | undefined {
    if (this.#layout === undefined) return item.properties.lastModified.getTime()
    return this.#layout.placeOf(item.name)?.endsAt
  }

  #isFinal(item: BlobItem, now: number): boolean {
    const time = this.#timeOf(item)
    return time !== undefined && now >= time + this.#reading.config.halfLineHoursMax * HOUR_MS
  }

  /**
   * By its ETag, and by its size: an answer that was under way while the blob grew may carry the ETag of after
   * with the bytes of before.
   */
  #hasChanged(item: BlobItem): boolean {
    const cursor = this.#cursors.get(item.name)
    const { contentLength = 0 } = item.properties
    if (cursor === undefined) return contentLength > 0
    if (cursor.etag !== etagOf(item)) return true
    return isBlockCursor(cursor)
      ? contentLength > cursor.bytes + FOOTER_BYTES
      : contentLength !== cursor.total || cursor.part === true
  }

  /** Bytes; of what is compressed only that it has not been read says how many. */
  #waiting(item: BlobItem): number {
    const cursor = this.#cursors.get(item.name)
    const { contentLength = 0 } = item.properties
    if (cursor === undefined) return contentLength
    if (isBlockCursor(cursor))
      return cursor.blocks === 0 ? 0 : Math.max(0, contentLength - cursor.bytes - FOOTER_BYTES)
    if (cursor.packed) return this.#hasChanged(item) ? contentLength : 0
    return Math.max(0, contentLength - cursor.offset)
  }

  #forget(isOld: (name: string) => boolean): string[] {
    const old = [...this.#cursors.keys()].filter(isOld)
    for (const name of old) this.#cursors.delete(name)
    return old
  }
}

const NOT_KNOWN: Look = { changed: false, final: false }

/** Listings give the ETag bare, answers give it in quotes. */
function etagOf(item: BlobItem): string {
  const { etag } = item.properties
  return etag.startsWith('"') ? etag : `"${etag}"`
}
