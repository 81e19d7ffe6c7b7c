import { SECTION } from './amqp-bytes.ts'

/** What the service stamps on a stored message. `offset` is a byte position, `at` epoch milliseconds. */
export interface Stamp {
  readonly seq: number
  readonly offset: number
  readonly at: number
}

/**
 * Annotations that only the service may set; a sender's own are dropped, except the partition key, which
 * is kept.
 */
export const SERVICE_ANNOTATIONS: ReadonlySet<string> = new Set([
  'x-opt-sequence-number',
  'x-opt-offset',
  'x-opt-enqueued-time',
  'x-opt-partition-key',
])

/**
 * The message-annotations section of a stored message; `others` are the sender's own pairs, already
 * encoded.
 */
export function messageAnnotations(
  stamp: Stamp,
  partitionKey: string | undefined,
  others: readonly Buffer[],
): Buffer {
  const entries = [
    symbol('x-opt-sequence-number'),
    long(stamp.seq),
    symbol('x-opt-offset'),
    text(String(stamp.offset)),
    symbol('x-opt-enqueued-time'),
    timestamp(stamp.at),
  ]
  if (partitionKey !== undefined) entries.push(symbol('x-opt-partition-key'), text(partitionKey))
  return section(SECTION.messageAnnotations, [...entries, ...others], entries.length + others.length * 2)
}

/**
 * The delivery-annotations section that tells a reader how far its partition is. A section of its own, not a
 * message: a body in it would stand before the body of the message that follows.
 */
export function partitionProgress(last: Stamp, now: number): Buffer {
  const entries = [
    symbol('last_enqueued_sequence_number'),
    long(last.seq),
    symbol('last_enqueued_offset'),
    text(String(last.offset)),
    symbol('last_enqueued_time_utc'),
    timestamp(last.at),
    symbol('runtime_info_retrieval_time_utc'),
    timestamp(now),
  ]
  return section(SECTION.deliveryAnnotations, entries, entries.length)
}

function section(code: number, parts: readonly Buffer[], values: number): Buffer {
  const head = Buffer.alloc(12)
  head.set([0x00, 0x53, code, 0xd1])
  let size = 4
  for (const part of parts) size += part.length
  head.writeUInt32BE(size, 4)
  head.writeUInt32BE(values, 8)
  return Buffer.concat([head, ...parts])
}

const symbols = new Map<string, Buffer>()

function symbol(name: string): Buffer {
  let encoded = symbols.get(name)
  if (encoded === undefined) {
    encoded = Buffer.concat([Buffer.from([0xa3, name.length]), Buffer.from(name, 'ascii')])
    symbols.set(name, encoded)
  }
  return encoded
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'utf8')
  if (bytes.length < 256) return Buffer.concat([Buffer.from([0xa1, bytes.length]), bytes])
  const head = Buffer.from([0xb1, 0, 0, 0, 0])
  head.writeUInt32BE(bytes.length, 1)
  return Buffer.concat([head, bytes])
}

function long(value: number): Buffer {
  return eightBytes(0x81, value)
}

function timestamp(value: number): Buffer {
  return eightBytes(0x83, value)
}

function eightBytes(code: number, value: number): Buffer {
  const bytes = Buffer.allocUnsafe(9)
  bytes[0] = code
  bytes.writeBigInt64BE(BigInt(Math.trunc(value)), 1)
  return bytes
}
