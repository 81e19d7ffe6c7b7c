import { inflateRawSync } from 'node:zlib'
import { isObject } from '@weir/model'
import { messageOf } from '@weir/runtime'
import avsc, { type Type } from 'avsc'

/** What the head of an Avro object container file says. */
export interface AvroHead {
  readonly type: Type
  readonly codec: 'null' | 'deflate'
  /** The 16 bytes behind every block. */
  readonly sync: Buffer
  /** Behind the head. */
  readonly end: number
}

/** Where a block's data is within bytes that begin with the block. */
export interface AvroBlock {
  readonly records: number
  readonly start: number
  readonly end: number
}

export const SYNC_BYTES = 16
/** Two numbers of up to ten bytes each stand before the data of a block. */
export const BLOCK_HEAD_BYTES = 20

const MAGIC = Buffer.from('Obj\u0001')
const HEAD = avsc.Type.forSchema({
  type: 'record',
  name: 'Head',
  fields: [
    { name: 'magic', type: { type: 'fixed', name: 'Magic', size: MAGIC.length } },
    { name: 'meta', type: { type: 'map', values: 'bytes' } },
    { name: 'sync', type: { type: 'fixed', name: 'Sync', size: SYNC_BYTES } },
  ],
})

/** Bytes that are no Avro, or not what they say they are. */
export class AvroDamage extends Error {
  override readonly name = 'AvroDamage'
}

/** What work throws over bytes is the bytes' damage. */
export function overBytes<T>(work: () => T): T {
  try {
    return work()
  } catch (cause) {
    throw new AvroDamage(messageOf(cause), { cause })
  }
}

/** By its first bytes. */
export function isAvro(bytes: Buffer): boolean {
  return bytes.length >= MAGIC.length && bytes.subarray(0, MAGIC.length).equals(MAGIC)
}

/** `undefined` when the bytes end within the head. Throws `AvroDamage`. */
export function headOf(bytes: Buffer): AvroHead | undefined {
  return overBytes(() => readHead(bytes))
}

function readHead(bytes: Buffer): AvroHead | undefined {
  if (!MAGIC.subarray(0, bytes.length).equals(bytes.subarray(0, MAGIC.length)))
    throw new Error('not an Avro object container file')
  const { value, offset } = HEAD.decode(bytes, 0)
  if (offset < 0) return undefined
  const { meta, sync } = value as { readonly meta: Record<string, Buffer>; readonly sync: Buffer }
  const codec = meta['avro.codec']?.toString() ?? 'null'
  if (codec !== 'null' && codec !== 'deflate') throw new Error(`Avro codec ${codec} is not null or deflate`)
  const schema: unknown = JSON.parse(String(meta['avro.schema']))
  if (!isObject(schema) || schema['type'] !== 'record') throw new Error('its Avro schema is no record')
  const type = avsc.Type.forSchema(schema as never, { registry: { long: LONG } })
  return { type, codec, sync: Buffer.from(sync), end: offset }
}

/** `undefined` when the bytes end within its first two numbers. */
export function blockOf(bytes: Buffer): AvroBlock | undefined {
  const records = longAt(bytes, 0)
  const size = records && longAt(bytes, records.end)
  if (records === undefined || size === undefined) return undefined
  return { records: records.value, start: size.end, end: size.end + size.value }
}

/** The records of one block's data; what goes beyond `bytesMax` unpacked is damage. Throws an error that says which. */
export function recordsOf(
  { type, codec }: AvroHead,
  records: number,
  data: Buffer,
  bytesMax: number,
): unknown[] {
  const plain = codec === 'null' ? data : inflateRawSync(data, { maxOutputLength: bytesMax })
  const values: unknown[] = []
  let at = 0
  for (let n = 0; n < records; n++) {
    const { value, offset } = type.decode(plain, at)
    if (offset < 0 || offset > plain.length) throw new Error('an Avro block ends within a record')
    values.push(value)
    at = offset
  }
  if (at !== plain.length) throw new Error('an Avro block has more bytes than its records')
  return values
}

/** Longs as they are: sequence numbers and ticks may not fit into a number. */
const LONG = avsc.types.LongType.__with({
  fromBuffer: (buffer: Buffer) => buffer.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const buffer = Buffer.alloc(8)
    buffer.writeBigInt64LE(value)
    return buffer
  },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (value: unknown) => typeof value === 'bigint',
  compare: (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0),
})

/** A number as Avro writes it: seven bits a byte, the sign in the lowest bit. */
function longAt(bytes: Buffer, start: number): { readonly value: number; readonly end: number } | undefined {
  let raw = 0n
  for (let at = start, shift = 0n; at < bytes.length && at < start + 10; at++, shift += 7n) {
    raw |= BigInt(bytes[at]! & 0x7f) << shift
    if (bytes[at]! < 0x80) return { value: Number((raw >> 1n) ^ -(raw & 1n)), end: at + 1 }
  }
  return bytes.length < start + 10 ? undefined : { value: -1, end: start }
}
