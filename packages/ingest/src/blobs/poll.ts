import type { BlobItem, ContainerClient } from '@azure/storage-blob'
import { type BlobCursor, isBlockCursor } from './cursor.ts'
import { dayPrefix, daysBetween, HOUR_MS, hourOf, hourPrefix, hourStart } from './hours.ts'
import { FOOTER_BYTES, readBlocks } from './read-blocks.ts'
import { readLines } from './read-lines.ts'
import type { Reading } from './reading.ts'
import { allEnded } from './slots.ts'

/** One container's blobs: what is known of them, and the two ways to look for more. */
export class BlobPolls {
  readonly #reading: Reading
  readonly #client: ContainerClient
  readonly #cursors: Map<string, BlobCursor>

  constructor(reading: Reading, client: ContainerClient, cursors: Map<string, BlobCursor>) {
    this.#reading = reading
    this.#client = client
    this.#cursors = cursors
  }

  /**
   * The current and the previous hour of every resource: for lines two ranged reads of computed names, no
   * listing; for flow logs two listings, because the network card's address is part of the name.
   */
  async recent(resources: Iterable<string>, now: number, since: number): Promise<void> {
    const hours = [now, now - HOUR_MS].filter((hour) => hourStart(hour) >= since)
    const jobs: Promise<void>[] = []
    for (const resource of resources)
      for (const hour of hours) jobs.push(this.#hour(hourPrefix(resource, hour), now))
    await allEnded(jobs)
  }

  /** Every hour since a time, by one listing a resource and day; reads what grew. Bytes that wait are told first. */
  async all(
    resources: Iterable<string>,
    now: number,
    since: number,
    behind: (bytes: number) => Promise<void>,
  ): Promise<void> {
    const listings: Promise<readonly BlobItem[]>[] = []
    for (const resource of resources)
      for (const day of daysBetween(since, now)) listings.push(this.#list(dayPrefix(resource, day)))
    await allEnded(listings)
    const grown = (await Promise.all(listings)).flat().filter((item) => this.#wants(item, now, since))
    if (grown.length > 0) await behind(grown.reduce((sum, item) => sum + this.#waiting(item), 0))
    await allEnded(grown.map((item) => this.#read(item.name, now, true)))
  }

  /** Names of blobs too old to grow; their cursors are forgotten. */
  expire(before: number): string[] {
    const old = [...this.#cursors.keys()].filter((name) => (hourOf(name) ?? before) < before)
    for (const name of old) this.#cursors.delete(name)
    return old
  }

  async #hour(prefix: string, now: number): Promise<void> {
    if (this.#reading.container.kind === 'append') return this.#read(`${prefix}PT1H.json`, now)
    const items = await this.#list(prefix)
    const changed = items.filter((item) => this.#hasChanged(item))
    await allEnded(changed.map((item) => this.#read(item.name, now)))
  }

  /** Blobs below the folder of one hour or one day of one resource, never more. */
  #list(prefix: string): Promise<readonly BlobItem[]> {
    const { slots, signal } = this.#reading
    return slots.run(async () => {
      const items: BlobItem[] = []
      for await (const item of this.#client.listBlobsFlat({ prefix, abortSignal: signal })) items.push(item)
      return items
    })
  }

  #wants(item: BlobItem, now: number, since: number): boolean {
    const hour = hourOf(item.name)
    if (hour === undefined || hour < since) return false
    if (this.#hasChanged(item)) return true
    return (
      !isBlockCursor(this.#cursors.get(item.name)) && this.#isFinal(item.name, now) && this.#waiting(item) > 0
    )
  }

  /**
   * By its ETag, and by its size: an answer that was under way while the blob grew may carry the ETag of after
   * with the bytes of before.
   */
  #hasChanged(item: BlobItem): boolean {
    const cursor = this.#cursors.get(item.name)
    if (cursor === undefined || cursor.etag !== etagOf(item)) return true
    const { contentLength = 0 } = item.properties
    return isBlockCursor(cursor)
      ? contentLength > cursor.bytes + FOOTER_BYTES
      : contentLength !== cursor.total
  }

  #waiting(item: BlobItem): number {
    const cursor = this.#cursors.get(item.name)
    const read = cursor === undefined ? 0 : isBlockCursor(cursor) ? cursor.bytes : cursor.offset
    return Math.max(0, (item.properties.contentLength ?? 0) - read)
  }

  #isFinal(name: string, now: number): boolean {
    const hour = hourOf(name)
    return hour !== undefined && now >= hour + (1 + this.#reading.config.halfLineHoursMax) * HOUR_MS
  }

  async #read(name: string, now: number, changed = false): Promise<void> {
    const cursor = this.#cursors.get(name)
    if (this.#reading.container.kind === 'flow' || isBlockCursor(cursor)) return this.#readBlocks(name)
    const read = await readLines(
      this.#reading,
      this.#client.getBlobClient(name),
      cursor,
      this.#isFinal(name, now),
      changed,
    )
    if (read === 'document') return this.#readBlocks(name)
    if (read !== 'nothing') this.#cursors.set(name, read)
  }

  async #readBlocks(name: string): Promise<void> {
    const cursor = this.#cursors.get(name)
    const from = isBlockCursor(cursor) ? cursor : undefined
    const read = await readBlocks(this.#reading, this.#client.getBlockBlobClient(name), from)
    if (read !== undefined) this.#cursors.set(name, read)
  }
}

/** Listings give the ETag bare, answers give it in quotes. */
function etagOf(item: BlobItem): string {
  const { etag } = item.properties
  return etag.startsWith('"') ? etag : `"${etag}"`
}
