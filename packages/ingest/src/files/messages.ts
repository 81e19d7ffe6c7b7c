import type { Readable } from 'node:stream'
import type { RawMessage } from '@weir/model'
import { WeirError } from '@weir/runtime'
import type { SourceDeps } from '../deps.ts'
import { isAvro } from '../formats/avro.ts'
import { csvHeader, formatOf, isCsvName, lastRowEnd, type RowKind } from '../formats/rows.ts'
import { capturedMessages } from './captured-messages.ts'
import { openFile } from './open.ts'
import { FILE_BOUNDS, type FileBounds, piecesOf } from './pieces.ts'

/** Where standard input comes from and what time it is. */
export interface FileDeps extends Pick<SourceDeps, 'clock'> {
  readonly stdin: Readable
}

/**
 * The messages of one file in order, each with the place at which it begins; `-` is standard input. Lines, a JSON
 * document, CSV by its name, rows of Storage Analytics and Avro of Event Hubs Capture by their first bytes. Throws
 * `WeirError` INPUT_UNREADABLE.
 */
export async function* fileMessages(
  path: string,
  deps: FileDeps,
  bounds: FileBounds = FILE_BOUNDS,
): AsyncGenerator<RawMessage> {
  try {
    const { chunks, changed } = await openFile(path, deps.stdin, deps.clock.now(), bounds.chunkBytes)
    const rest = chunks[Symbol.asyncIterator]()
    const first = await rest.next()
    if (first.done === true) return
    const all = withFirst(first.value, rest)
    if (isAvro(first.value)) yield* capturedMessages(path, all, changed, bounds)
    else yield* rowMessages(path, all, changed, bounds, rowsOf(path, first.value))
  } catch (cause) {
    if (cause instanceof WeirError) throw cause
    throw new WeirError('INPUT_UNREADABLE', `cannot read ${path}`, { cause })
  }
}

async function* withFirst(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield first
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value
  } finally {
    await rest.return?.()
  }
}

function rowsOf(path: string, head: Buffer): RowKind {
  if (isCsvName(path)) return 'csv'
  return /^[12]\.0;\d{4}-/.test(head.toString('latin1', 0, 16)) ? 'storage-analytics' : 'lines'
}

async function* rowMessages(
  path: string,
  chunks: AsyncIterable<Buffer>,
  arrival: number,
  bounds: FileBounds,
  kind: RowKind,
): AsyncGenerator<RawMessage> {
  let columns: readonly string[] | undefined
  for await (const { bytes, offset } of piecesOf(path, chunks, bounds, (all) => lastRowEnd(all, kind))) {
    const header = kind === 'csv' && columns === undefined ? csvHeader(bytes, true) : undefined
    columns ??= header?.columns
    const start = header?.end ?? 0
    const format = formatOf(kind, columns)
    const message = { bytes: bytes.subarray(start), at: String(offset + start), arrival }
    if (message.bytes.length > 0) yield format === undefined ? message : { ...message, format }
  }
}
