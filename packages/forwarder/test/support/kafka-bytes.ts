/** Reads the protocol's types one after another (https://kafka.apache.org/protocol). */
export class KafkaReader {
  readonly #bytes: Buffer
  at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  i8(): number {
    return this.#bytes.readInt8(this.#step(1))
  }
  i16(): number {
    return this.#bytes.readInt16BE(this.#step(2))
  }
  i32(): number {
    return this.#bytes.readInt32BE(this.#step(4))
  }
  u32(): number {
    return this.#bytes.readUInt32BE(this.#step(4))
  }
  i64(): bigint {
    return this.#bytes.readBigInt64BE(this.#step(8))
  }
  string(): string | undefined {
    const length = this.i16()
    return length < 0 ? undefined : this.take(length).toString()
  }
  bytes(): Buffer {
    return this.take(Math.max(0, this.i32()))
  }
  list<T>(read: () => T): T[] {
    return Array.from({ length: Math.max(0, this.i32()) }, read)
  }
  /** Zigzag, seven bits a byte. */
  varint(): number {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = BigInt(this.#bytes.readUInt8(this.#step(1)))
      value |= (byte & 127n) << shift
      if (byte < 128n) return Number((value >> 1n) ^ -(value & 1n))
    }
  }
  varbytes(): Buffer | undefined {
    const length = this.varint()
    return length < 0 ? undefined : this.take(length)
  }
  take(length: number): Buffer {
    const from = this.#step(length)
    return this.#bytes.subarray(from, from + length)
  }
  rest(): Buffer {
    return this.take(this.#bytes.length - this.at)
  }

  #step(bytes: number): number {
    const from = this.at
    this.at += bytes
    if (this.at > this.#bytes.length) throw new Error(`the message ends at ${this.#bytes.length}`)
    return from
  }
}

export const i16 = (value: number) => number(2, (bytes) => bytes.writeInt16BE(value))
export const i32 = (value: number) => number(4, (bytes) => bytes.writeInt32BE(value))
export const i64 = (value: bigint) => number(8, (bytes) => bytes.writeBigInt64BE(value))
export const text = (value: string) => Buffer.concat([i16(Buffer.byteLength(value)), Buffer.from(value)])
export const list = (items: readonly Buffer[]) => Buffer.concat([i32(items.length), ...items])

function number(length: number, write: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.alloc(length)
  write(bytes)
  return bytes
}

export interface Kept {
  readonly key: string
  readonly value: Buffer
  readonly headers: Readonly<Record<string, string>>
}

export interface RecordBatch {
  readonly producerId: bigint
  readonly sequence: number
  /** 0 none, 1 gzip, 4 zstd. */
  readonly compression: number
  readonly records: readonly Kept[]
}

/** Reads a batch of format 2. Throws when its checksum, its length or a record's is not right. */
export function readBatch(
  bytes: Buffer,
  unpack: (packed: Buffer, compression: number) => Buffer,
): RecordBatch {
  const reader = new KafkaReader(bytes)
  reader.i64()
  const length = reader.i32()
  reader.i32()
  const [magic, crc] = [reader.i8(), reader.u32()]
  const checked = bytes.subarray(reader.at)
  if (length !== bytes.length - 12 || magic !== 2)
    throw new Error(`a batch of ${length} bytes, format ${magic}`)
  if (crc32c(checked) !== crc) throw new Error('the checksum is wrong')
  const compression = reader.i16() & 7
  reader.take(4 + 8 + 8)
  const [producerId, , sequence, count] = [reader.i64(), reader.i16(), reader.i32(), reader.i32()]
  const records = new KafkaReader(unpack(reader.rest(), compression))
  return {
    producerId,
    sequence,
    compression,
    records: Array.from({ length: count }, () => readRecord(records)),
  }
}

function readRecord(batch: KafkaReader): Kept {
  const reader = new KafkaReader(batch.take(batch.varint()))
  reader.i8()
  reader.varint()
  reader.varint()
  const [key, value] = [reader.varbytes(), reader.varbytes()]
  const headers = Array.from({ length: reader.varint() }, () => [reader.varbytes(), reader.varbytes()])
  if (reader.rest().length > 0) throw new Error('a record is longer than what is in it')
  const named = headers.map(([name, of]) => [String(name), String(of)])
  return { key: String(key), value: value!, headers: Object.fromEntries(named) }
}

/** CRC-32C (Castagnoli), bit by bit. */
export function crc32c(bytes: Buffer): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  }
  return (crc ^ 0xffffffff) >>> 0
}
