/**
 * One section of an encoded AMQP message: its descriptor code, where it starts, where its value starts,
 * where it ends.
 */
export interface Section {
  readonly code: number
  readonly start: number
  readonly value: number
  readonly end: number
}

export const SECTION = {
  header: 0x70,
  deliveryAnnotations: 0x71,
  messageAnnotations: 0x72,
  properties: 0x73,
  applicationProperties: 0x74,
  data: 0x75,
} as const

/**
 * The sections of an encoded message, in order, without decoding what is in them. Throws on bytes that are
 * not AMQP.
 */
export function* sections(bytes: Buffer): Generator<Section> {
  let start = 0
  while (start < bytes.length) {
    if (bytes[start] !== 0) throw new RangeError(`no section starts at byte ${start}`)
    const value = start + 1 + valueSize(bytes, start + 1)
    const end = value + valueSize(bytes, value)
    if (end > bytes.length) throw new RangeError(`the section at byte ${start} is cut off`)
    yield { code: descriptorCode(bytes, start + 1), start, value, end }
    start = end
  }
}

/** The key and the whole encoded pair of each entry of the map at `at`. */
export function* mapEntries(
  bytes: Buffer,
  at: number,
): Generator<{ key: string; pair: Buffer; value: number }> {
  const wide = bytes[at] === 0xd1
  if (!wide && bytes[at] !== 0xc1) throw new RangeError(`no map starts at byte ${at}`)
  const count = wide ? bytes.readUInt32BE(at + 5) : bytes.readUInt8(at + 2)
  let entry = at + (wide ? 9 : 3)
  for (let index = 0; index < count; index += 2) {
    const value = entry + valueSize(bytes, entry)
    const end = value + valueSize(bytes, value)
    yield { key: textAt(bytes, entry), pair: bytes.subarray(entry, end), value }
    entry = end
  }
}

/** The string or symbol at `at`. */
export function textAt(bytes: Buffer, at: number): string {
  return content(bytes, at, [0xa1, 0xa3], [0xb1, 0xb3]).toString('utf8')
}

/** The binary at `at`, not copied. */
export function binaryAt(bytes: Buffer, at: number): Buffer {
  return content(bytes, at, [0xa0], [0xb0])
}

function content(bytes: Buffer, at: number, narrow: readonly number[], wide: readonly number[]): Buffer {
  const code = bytes.readUInt8(at)
  if (narrow.includes(code)) return bytes.subarray(at + 2, at + 2 + bytes.readUInt8(at + 1))
  if (wide.includes(code)) return bytes.subarray(at + 5, at + 5 + bytes.readUInt32BE(at + 1))
  throw new RangeError(`unexpected AMQP type 0x${code.toString(16)} at byte ${at}`)
}

/**
 * Bytes taken by the encoded value at `at`, its constructor included: the high half of the code tells the
 * width.
 */
function valueSize(bytes: Buffer, at: number): number {
  const code = bytes.readUInt8(at)
  if (code === 0) {
    const descriptor = valueSize(bytes, at + 1)
    return 1 + descriptor + valueSize(bytes, at + 1 + descriptor)
  }
  const fixed = FIXED_WIDTH[code >> 4]
  if (fixed !== undefined) return 1 + fixed
  const width = code >> 4
  if (width === 0xa || width === 0xc || width === 0xe) return 2 + bytes.readUInt8(at + 1)
  if (width === 0xb || width === 0xd || width === 0xf) return 5 + bytes.readUInt32BE(at + 1)
  throw new RangeError(`unknown AMQP type 0x${code.toString(16)} at byte ${at}`)
}

const FIXED_WIDTH: Readonly<Record<number, number>> = { 4: 0, 5: 1, 6: 2, 7: 4, 8: 8, 9: 16 }

function descriptorCode(bytes: Buffer, at: number): number {
  const code = bytes.readUInt8(at)
  if (code === 0x53) return bytes.readUInt8(at + 1)
  if (code === 0x80) return Number(bytes.readBigUInt64BE(at + 1))
  throw new RangeError(`a section's descriptor at byte ${at} is no number`)
}
