import type { ContainerClient } from '@azure/storage-blob'
import { isDocument } from '../files/pieces.ts'
import { isCsvName, isPackedName } from '../formats/rows.ts'
import { type BlobCursor, isBlockCursor, type LineCursor } from './cursor.ts'
import { readBlocks, readDocument } from './read-blocks.ts'
import { readCapture } from './read-capture.ts'
import { type Chunk, type Contents, type LineReading, readLines } from './read-lines.ts'
import { readPacked } from './read-packed.ts'
import type { Reading } from './reading.ts'

/** How a look at one blob came about. */
export interface Look {
  /** A listing or a message showed that it changed. */
  readonly changed: boolean
  /** So long after its hour that what is left of it is not going to be completed. */
  readonly final: boolean
}

/**
 * Delivers what a blob has behind a cursor, by the kind of its container, and resolves to where it stands then;
 * `undefined` when there is no such blob.
 */
export async function readBlob(
  reading: Reading,
  client: ContainerClient,
  name: string,
  from: BlobCursor | undefined,
  look: Look,
): Promise<BlobCursor | undefined> {
  const { kind } = reading.container
  const lines = isBlockCursor(from) ? undefined : from
  switch (kind) {
    case 'append':
      return readAppended(reading, client, name, from, look)
    case 'flow':
      return readBlocks(reading, client.getBlockBlobClient(name), isBlockCursor(from) ? from : undefined)
    case 'storage-analytics': {
      const how = { ...look, rows: kind, blocksFinal: true, contents: onlyRows } as const
      return linesOf(await readLines(reading, client.getBlobClient(name), lines, how), lines)
    }
    case 'capture':
      return reading.streams.run(() => readCapture(reading, client.getBlobClient(name), lines, look.final))
    case 'files':
      return readFile(reading, client, name, from, look)
    default:
      return kind satisfies never
  }
}

async function readAppended(
  reading: Reading,
  client: ContainerClient,
  name: string,
  from: BlobCursor | undefined,
  look: Look,
): Promise<BlobCursor | undefined> {
  const blocks = client.getBlockBlobClient(name)
  if (isBlockCursor(from)) return readBlocks(reading, blocks, from)
  const how: LineReading = { ...look, rows: 'lines', blocksFinal: false, contents: olderForm }
  const read = await readLines(reading, client.getBlobClient(name), from, how)
  return read === 'document' ? readBlocks(reading, blocks, undefined) : linesOf(read, from)
}

async function readFile(
  reading: Reading,
  client: ContainerClient,
  name: string,
  from: BlobCursor | undefined,
  look: Look,
): Promise<BlobCursor | undefined> {
  const blob = client.getBlobClient(name)
  const rows = isCsvName(name) ? 'csv' : 'lines'
  const lines = isBlockCursor(from) ? undefined : from
  const packed = (cursor?: LineCursor) => reading.streams.run(() => readPacked(reading, blob, cursor, rows))
  if (lines === undefined ? isPackedName(name) : lines.packed) return packed(lines)
  const how: LineReading = { ...look, rows, blocksFinal: true, contents: contentsOf }
  const read = await readLines(reading, blob, lines, how)
  if (read === 'packed') return packed()
  if (read === 'document') return readDocument(reading, blob, isBlockCursor(from) ? from : undefined)
  return linesOf(read, lines)
}

function linesOf(
  read: LineCursor | 'nothing' | 'document' | 'packed',
  from: LineCursor | undefined,
): LineCursor | undefined {
  return typeof read === 'string' ? from : read
}

function onlyRows(): Contents {
  return 'rows'
}

const DOCUMENT_START = /^\s*\{\s*"records"\s*:\s*\[/

/** The form before lines: a block blob that holds `{"records":[…]}` as a whole. */
function olderForm({ blockBlob, bytes }: Chunk): Contents {
  return blockBlob && DOCUMENT_START.test(bytes.toString('latin1', 0, 64)) ? 'document' : 'rows'
}

/** Only what is committed as a whole is one document; what is appended to is lines. */
function contentsOf({ blockBlob, bytes }: Chunk): Contents {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return 'packed'
  if (bytes.length >= 4 && bytes.readUInt32LE(0) === 0xfd_2f_b5_28) return 'packed'
  return blockBlob && isDocument(bytes) ? 'document' : 'rows'
}
