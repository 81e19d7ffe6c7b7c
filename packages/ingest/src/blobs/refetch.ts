import type { BlobServiceClient, ContainerClient } from '@azure/storage-blob'
import type { RawMessage, Refetch, Refetched } from '@weir/model'
import { ByteBudget } from '../byte-budget.ts'
import type { SourceDeps } from '../deps.ts'
import { isDocument } from '../files/pieces.ts'
import { csvHeader, formatOf, isCsvName, isPackedName, lastRowEnd, type RowKind } from '../formats/rows.ts'
import { handed } from '../handed.ts'
import { Pace } from '../pace.ts'
import { allGone, byObject, type ObjectPlace, wantedOf } from '../places.ts'
import { Slots } from '../slots.ts'
import type { BlobConfig, BlobContainer } from './config.ts'
import { type Range, readRange } from './range.ts'
import { type Block, blockList, isFlowLog } from './read-blocks.ts'
import { readCapture } from './read-capture.ts'
import { readPacked } from './read-packed.ts'
import type { BlobPiece, Reading } from './reading.ts'

/** Blobs read at once. */
const BLOBS_MAX = 4

/**
 * Messages by blob and offset: the range is read again, and where a blob can only be read from its beginning, all that
 * is before it. What was cut at another place then is longer now, never shorter.
 */
export function blobRefetch(
  config: BlobConfig,
  deps: SourceDeps,
  service: BlobServiceClient,
  signal: AbortSignal,
): Refetch {
  return (places) =>
    handed(async (hand) => {
      const blobs = config.containers.flatMap((container) => {
        const wanted = places.filter(({ partition }) => partition === container.container)
        return [...byObject(wanted)].map(([blob, list]) => ({ container, blob, list }))
      })
      const next = async (): Promise<void> => {
        for (let each = blobs.shift(); each !== undefined; each = blobs.shift()) {
          const client = service.getContainerClient(each.container.container)
          const reading = new BlobRefetch(config, deps, each.container, client, signal)
          for await (const found of reading.read(each.blob, each.list)) await hand(found)
        }
      }
      await Promise.all(Array.from({ length: BLOBS_MAX }, next))
    })
}

class BlobRefetch {
  readonly #config: BlobConfig
  readonly #deps: SourceDeps
  readonly #container: BlobContainer
  readonly #client: ContainerClient
  readonly #signal: AbortSignal

  constructor(
    config: BlobConfig,
    deps: SourceDeps,
    container: BlobContainer,
    client: ContainerClient,
    signal: AbortSignal,
  ) {
    this.#config = config
    this.#deps = deps
    this.#container = container
    this.#client = client
    this.#signal = signal
  }

  async *read(blob: string, places: readonly ObjectPlace[]): AsyncGenerator<Refetched> {
    for await (const found of this.#read(blob, places)) {
      const { dataset } = this.#container
      if (dataset === undefined || 'gone' in found) yield found
      else yield { ...found, message: { ...found.message, dataset } }
    }
  }

  async *#read(blob: string, places: readonly ObjectPlace[]): AsyncGenerator<Refetched> {
    const { kind } = this.#container
    const head = await this.#range(blob, 0, HEAD_BYTES)
    if (head === 'missing' || head === 'past-end')
      yield* allGone(places, head === 'missing' ? 'retention' : 'not-found')
    else if (kind === 'capture') yield* this.#captured(blob, places)
    else if (kind === 'files' && isPacked(blob, head.bytes)) yield* this.#packed(blob, places)
    else yield* this.#ranges(blob, places, head)
  }

  /** One request for each place, two where the first ends within what has to come whole. */
  async *#ranges(blob: string, places: readonly ObjectPlace[], head: Range): AsyncGenerator<Refetched> {
    const { kind } = this.#container
    const list = kind === 'storage-analytics' || !head.blockBlob ? undefined : await this.#blocks(blob)
    const blocks = list !== undefined && isFlowLog(list) ? list : undefined
    const rows = kind === 'storage-analytics' ? kind : kind === 'files' && isCsvName(blob) ? 'csv' : 'lines'
    const columns = rows === 'csv' ? csvHeader(head.bytes, true)?.columns : undefined
    for (const { offset, ...place } of places) {
      const bytes = blocks === undefined ? await this.#rows(blob, offset, rows) : undefined
      const range = bytes ?? (await this.#wholeBlocks(blob, offset, blocks ?? []))
      if (typeof range === 'string') {
        yield { ...place, gone: range === 'missing' ? 'retention' : 'not-found' }
        continue
      }
      const format = formatOf(rows, columns)
      const message = { bytes: range.bytes, at: place.at, arrival: range.lastModified }
      yield { ...place, message: { ...message, ...(format && { format }) } }
    }
  }

  /** What a first reading can have taken at most: a chunk of whole rows, or a row or document beyond it. */
  async #rows(blob: string, offset: number, rows: RowKind): Promise<Range | 'missing' | 'past-end'> {
    const { chunkBytes, documentBytesMax, lineBytesMax } = this.#config
    for (let size = chunkBytes; ; size *= 2) {
      const range = await this.#range(blob, offset, Math.min(size, documentBytesMax))
      if (typeof range === 'string' || offset + range.bytes.length >= range.total) return range
      const document = offset === 0 && isDocument(range.bytes)
      if (size >= (document ? documentBytesMax : lineBytesMax)) return range
      const end = document ? 0 : lastRowEnd(range.bytes, rows)
      if (end > 0) return { ...range, bytes: range.bytes.subarray(0, end) }
    }
  }

  /** As many blocks as one message has: up to a chunk, at least one. */
  async #wholeBlocks(
    blob: string,
    offset: number,
    blocks: readonly Block[],
  ): Promise<Range | 'missing' | 'past-end'> {
    let start = 0
    let bytes = 0
    for (const { size } of blocks.slice(0, -1)) {
      if (start < offset) start += size
      else if (bytes > 0 && bytes + size > this.#config.chunkBytes) break
      else bytes += size
    }
    return start !== offset || bytes === 0 ? 'past-end' : this.#range(blob, offset, bytes)
  }

  async #range(blob: string, offset: number, bytes: number): Promise<Range | 'missing' | 'past-end'> {
    const client = this.#client.getBlobClient(blob)
    const answer = await readRange(client, offset, bytes, {}, this.#signal)
    if (answer.kind === 'range') return answer
    return answer.kind === 'missing' ? 'missing' : 'past-end'
  }

  async #blocks(blob: string): Promise<readonly Block[] | undefined> {
    return (await blockList(this.#client.getBlockBlobClient(blob), this.#signal))?.blocks
  }

  async *#captured(blob: string, places: readonly ObjectPlace[]): AsyncGenerator<Refetched> {
    const left = new Map(places.map((place) => [place.at, place]))
    const client = this.#client.getBlobClient(blob)
    for await (const message of this.#messages((reading) => readCapture(reading, client, undefined, true))) {
      const place = left.get(message.at)
      if (place === undefined) continue
      left.delete(message.at)
      yield { partition: place.partition, at: place.at, message }
      if (left.size === 0) return
    }
    yield* allGone([...left.values()], 'not-found')
  }

  #packed(blob: string, places: readonly ObjectPlace[]): AsyncGenerator<Refetched> {
    const client = this.#client.getBlobClient(blob)
    const rows = isCsvName(blob) ? 'csv' : 'lines'
    const messages = this.#messages((reading) => readPacked(reading, client, undefined, rows))
    return wantedOf(places, withOffsets(messages))
  }

  /** What a reader of whole blobs delivers, with nothing remembered of it. */
  async *#messages(read: (reading: Reading) => Promise<unknown>): AsyncGenerator<RawMessage> {
    const slots = new Slots(this.#config.parallelMax)
    const pieces = handed<BlobPiece>((deliver) => {
      const budget = new ByteBudget(Number.POSITIVE_INFINITY)
      return read({
        config: this.#config,
        container: this.#container,
        report: this.#deps.report,
        slots,
        pace: new Pace(this.#deps.clock, this.#config.listingsPerSecondMax),
        streams: slots,
        budget,
        signal: this.#signal,
        deliver,
      })
    })
    for await (const { messages } of pieces) yield* messages
  }
}

/** Enough for the header of a CSV, and to tell what a blob is. */
const HEAD_BYTES = 64 * 1024

function isPacked(blob: string, head: Buffer): boolean {
  if (isPackedName(blob)) return true
  return (head[0] === 0x1f && head[1] === 0x8b) || (head.length >= 4 && head.readUInt32LE(0) === 0xfd2fb528)
}

async function* withOffsets(messages: AsyncIterable<RawMessage>) {
  for await (const message of messages)
    yield { message, offset: Number(message.at.slice(message.at.lastIndexOf('@') + 1)) }
}
