import { isObject } from '@weir/model'
import { WeirError } from '@weir/runtime'

export interface FileBounds {
  /** Bytes of whole lines in one message. */
  readonly chunkBytes: number
  /** A line longer than this is delivered in pieces, which end in quarantine rather than in memory. */
  readonly lineBytesMax: number
  /** A file that is one JSON document and larger than this is refused. */
  readonly documentBytesMax: number
  /** Bytes read and not yet committed; reading waits at it. */
  readonly bytesInFlightMax: number
}

export const FILE_BOUNDS: FileBounds = {
  chunkBytes: 1024 * 1024,
  lineBytesMax: 16 * 1024 * 1024,
  documentBytesMax: 256 * 1024 * 1024,
  bytesInFlightMax: 64 * 1024 * 1024,
}

export interface FilePiece {
  readonly bytes: Buffer
  /** Where the bytes begin, decompressed. */
  readonly offset: number
}

const NEWLINE = 0x0a
/** Lines at the beginning of a file that are looked at to tell records from a document. */
const SNIFF_LINES = 5

/**
 * Cuts a stream at newlines into pieces of about `chunkBytes`; a file that is one JSON document comes whole.
 * Throws `WeirError` INPUT_UNREADABLE for a document beyond `documentBytesMax`.
 */
export async function* piecesOf(
  path: string,
  chunks: AsyncIterable<Buffer>,
  bounds: Omit<FileBounds, 'bytesInFlightMax'>,
  lastEnd: (bytes: Buffer) => number = lastLineEnd,
): AsyncGenerator<FilePiece> {
  let held: Buffer[] = []
  let size = 0
  let offset = 0
  let document: boolean | undefined
  try {
    for await (const chunk of chunks) {
      held.push(chunk)
      size += chunk.length
      if (size < bounds.chunkBytes) continue
      document ??= isDocument(Buffer.concat(held))
      if (document) {
        if (size > bounds.documentBytesMax) throw tooLarge(path, bounds)
        continue
      }
      if (!chunk.includes(NEWLINE) && size < bounds.lineBytesMax) continue
      const all = Buffer.concat(held)
      const cut = lastEnd(all) || (size < bounds.lineBytesMax ? 0 : all.length)
      if (cut === 0) continue
      yield { bytes: all.subarray(0, cut), offset }
      held = [all.subarray(cut)]
      size -= cut
      offset += cut
    }
  } catch (error) {
    // What was read before the damage counts; its torn last record ends in quarantine.
    if (size > 0 && !(error instanceof WeirError)) yield { bytes: Buffer.concat(held), offset }
    throw error
  }
  if (size > 0) yield { bytes: Buffer.concat(held), offset }
}

function lastLineEnd(bytes: Buffer): number {
  return bytes.lastIndexOf(NEWLINE) + 1
}

/** One JSON value over many lines, or over the whole of what was seen; a file of records tells by a line that is one. */
export function isDocument(head: Buffer): boolean {
  const lines = head.toString('utf8').split('\n', SNIFF_LINES + 1)
  const first = lines.findIndex((line) => line.trim() !== '')
  const start = lines[first]?.trim() ?? ''
  if (!start.startsWith('{') && !start.startsWith('[')) return false
  if (lines.length === 1) return true
  const whole = lines.slice(first, -1)
  return start.startsWith('[') ? !isJson(start) : !whole.some(isRecord)
}

function isRecord(line: string): boolean {
  return line.startsWith('{') && isJson(line)
}

function isJson(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) || Array.isArray(value)
  } catch {
    return false
  }
}

function tooLarge(path: string, { documentBytesMax }: Pick<FileBounds, 'documentBytesMax'>): WeirError {
  const size = Math.round(documentBytesMax / 1e6)
  const remedy = 'write one record a line instead, for instance with jq -c'
  return new WeirError('INPUT_UNREADABLE', `${path} is one JSON document of more than ${size} MB; ${remedy}`)
}
