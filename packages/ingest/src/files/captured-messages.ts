import type { RawMessage } from '@weir/model'
import { WeirError } from '@weir/runtime'
import {
  AvroDamage,
  type AvroHead,
  blockOf,
  headOf,
  overBytes,
  recordsOf,
  SYNC_BYTES,
} from '../formats/avro.ts'
import { capturedMessage } from '../formats/captured.ts'
import type { FileBounds } from './pieces.ts'

/**
 * The messages in an Avro file of Event Hubs Capture, each at its place in all their bodies put together. What of it
 * cannot be read is a message for quarantine. Throws `WeirError` INPUT_UNREADABLE for a file beyond `documentBytesMax`.
 */
export async function* capturedMessages(
  path: string,
  chunks: AsyncIterable<Buffer>,
  changed: number,
  bounds: FileBounds,
): AsyncGenerator<RawMessage> {
  const bytes = await wholeOf(path, chunks, bounds)
  let place = 0
  for (const message of messagesIn(bytes, changed, bounds)) {
    yield { ...message, at: String(place) }
    place += message.bytes.length
  }
}

async function wholeOf(
  path: string,
  chunks: AsyncIterable<Buffer>,
  { documentBytesMax }: FileBounds,
): Promise<Buffer> {
  const parts: Buffer[] = []
  let size = 0
  for await (const chunk of chunks) {
    parts.push(chunk)
    size += chunk.length
    const most = Math.round(documentBytesMax / 1e6)
    if (size > documentBytesMax)
      throw new WeirError('INPUT_UNREADABLE', `${path} is Avro of more than ${most} MB`)
  }
  return Buffer.concat(parts)
}

function* messagesIn(bytes: Buffer, changed: number, bounds: FileBounds): Generator<RawMessage> {
  const head = tried(() => headOf(bytes) ?? cutShort())
  if (head instanceof AvroDamage) {
    yield refused(bytes, head, changed)
    return
  }
  for (let at = head.end; at < bytes.length; ) {
    const block = tried(() => blockIn(head, bytes.subarray(at), changed, bounds))
    const mark = bytes.indexOf(head.sync, at)
    const end = mark === -1 ? bytes.length : mark + SYNC_BYTES
    if (block instanceof AvroDamage) yield refused(bytes.subarray(at, end), block, changed)
    else yield* block.messages
    at = block instanceof AvroDamage ? end : at + block.size
  }
}

interface Block {
  readonly messages: readonly RawMessage[]
  readonly size: number
}

function blockIn(head: AvroHead, bytes: Buffer, changed: number, bounds: FileBounds): Block {
  const found = blockOf(bytes) ?? cutShort()
  const size = found.end + SYNC_BYTES
  if (found.records < 0 || found.end < found.start) throw new AvroDamage('an Avro block has a negative size')
  if (bytes.length < size) return cutShort()
  if (!bytes.subarray(found.end, size).equals(head.sync))
    throw new AvroDamage('an Avro block ends without its mark')
  const records = overBytes(() =>
    recordsOf(head, found.records, bytes.subarray(found.start, found.end), bounds.documentBytesMax),
  )
  const messages = overBytes(() => records.flatMap((record) => capturedMessage(record, '', changed) ?? []))
  return { messages, size }
}

function cutShort(): never {
  throw new AvroDamage('the Avro file is cut short')
}

function tried<T>(work: () => T): T | AvroDamage {
  try {
    return work()
  } catch (error) {
    if (error instanceof AvroDamage) return error
    throw error
  }
}

function refused(bytes: Buffer, { message: reason }: AvroDamage, arrival: number): RawMessage {
  return { bytes, at: '', arrival, format: { kind: 'unreadable', reason } }
}
