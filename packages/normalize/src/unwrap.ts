import type { JsonObject, RecordFormat } from '@weir/model'
import { extentsOf } from './extents.ts'
import { type ReadableFormat, readFormat } from './formats.ts'
import { inflate } from './inflate.ts'
import { LIMITS, type Limits } from './limits.ts'
import { Message, recordsOf } from './message.ts'
import { afterSpace, beforeSpace, CLOSE, endOfLine, OPEN } from './scan.ts'
import { readDamaged } from './tolerant.ts'

export interface Unwrapped {
  readonly records: readonly JsonObject[]
  /** True bytes of record i as the provider wrote them (decompressed); found on first call. */
  bytesOf(index: number): Uint8Array
  /** What could not be read; `index` is its ordinal among the records and the unreadable of the message. */
  readonly quarantined: readonly {
    readonly index: number
    readonly bytes: Uint8Array
    readonly reason: string
  }[]
  /** Decompressed bytes. */
  readonly rawBytes: number
  /** Records that were not JSON until they were repaired. */
  readonly repaired: number
}

/**
 * The records of one message: `{"records":[…]}`, a list, lines, one object or several in a row, a range of a
 * flow-log blob; or in another format than JSON; gzip or not. Never throws: what cannot be read is quarantined,
 * piece by piece.
 */
export function unwrap(bytes: Uint8Array, format?: RecordFormat, limits: Limits = LIMITS): Unwrapped {
  if (format?.kind === 'unreadable') return refused(bytes, format.reason)
  const inflated = isCut(format) ? { bytes } : inflate(bytes, limits.inflatedBytesMax)
  if ('reason' in inflated) return refused(bytes, inflated.reason)
  const { buffer, byteOffset, byteLength } = inflated.bytes
  const message = new Message(Buffer.from(buffer, byteOffset, byteLength))
  read(message, format, limits)
  return message
}

/** What was cut out of a stream is never compressed, even where it looks so, and a message even of blanks alone. */
function isCut(format: RecordFormat | undefined): boolean {
  return format?.kind === 'syslog'
}

/** As it came: part of a damaged gzip read now would be read again when the whole comes. */
function refused(bytes: Uint8Array, reason: string): Unwrapped {
  const message = new Message(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  message.refuse(0, bytes.length, reason)
  return message
}

function read(message: Message, format: ReadableFormat | undefined, limits: Limits): void {
  const { bytes } = message
  const start = afterSpace(bytes, hasMark(bytes) ? 3 : 0, bytes.length)
  const end = beforeSpace(bytes, bytes.length) + 1
  if (start >= end && !isCut(format)) return
  if (format !== undefined) readFormat(message, start, end, format, limits)
  else if (isLines(bytes, start, end)) readLines(message, start, end, limits)
  else readText(message, start, end, limits)
}

function readText(message: Message, start: number, end: number, limits: Limits): void {
  const value = parsed(message.bytes, start, end)
  const records = recordsOf(value)
  if (records !== undefined) keepAll(message, value, records, start, end, limits)
  else if (hasWholeLine(message.bytes, start, end)) readLines(message, start, end, limits)
  else readDamaged(message, start, end, limits)
}

/**
 * True when some line is an object by itself, so that the text is lines though its first is damaged. Only lines
 * that are not indented count: an indented one may be part of a larger record.
 */
function hasWholeLine(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; ) {
    const stop = endOfLine(bytes, at, end)
    if (stop === end && at === start) return false
    const closed = bytes[at] === OPEN && bytes[beforeSpace(bytes, stop)] === CLOSE
    if (closed && parsed(bytes, at, stop) !== undefined) return true
    at = stop + 1
  }
  return false
}

/** UTF-8 byte order mark. */
function hasMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
}

/** True when the first of several lines looks like a whole object. */
function isLines(bytes: Uint8Array, start: number, end: number): boolean {
  const stop = endOfLine(bytes, start, end)
  return stop < end && bytes[start] === OPEN && bytes[beforeSpace(bytes, stop)] === CLOSE
}

/** Lines that are JSON are kept at once; a run of lines that are not may be one record, so it is read together. */
function readLines(message: Message, start: number, end: number, limits: Limits): void {
  const { bytes } = message
  let bad = -1
  for (let at = start; at < end; ) {
    const stop = endOfLine(bytes, at, end)
    const value = parsed(bytes, at, stop)
    const records = recordsOf(value)
    if (records !== undefined) {
      if (bad !== -1) readDamaged(message, bad, at, limits)
      bad = -1
      keepAll(message, value, records, at, stop, limits)
    } else if (bad === -1 && !isBlank(bytes, at, stop)) bad = at
    at = stop + 1
  }
  if (bad !== -1) readDamaged(message, bad, end, limits)
}

function parsed(bytes: Buffer, start: number, end: number): unknown {
  try {
    return JSON.parse(bytes.toString('utf8', start, end))
  } catch {
    return undefined
  }
}

function isBlank(bytes: Uint8Array, start: number, end: number): boolean {
  return afterSpace(bytes, start, end) === end
}

/** Keeps what one valid JSON text holds. */
function keepAll(
  message: Message,
  value: unknown,
  records: readonly JsonObject[],
  from: number,
  to: number,
  limits: Limits,
): void {
  const end = beforeSpace(message.bytes, to) + 1
  const start = afterSpace(message.bytes, from, end)
  if (end - start > limits.recordBytesMax) keepSized(message, records, start, end, limits)
  else if (records.length === 1 && records[0] === value) message.keep(value as JsonObject, start, end)
  else message.keepAll(records, start, end)
}

/** Where the text is longer than a record may be, each record is measured; one that hides its places goes whole. */
function keepSized(
  message: Message,
  records: readonly JsonObject[],
  start: number,
  end: number,
  limits: Limits,
): void {
  const reason = `record is larger than ${limits.recordBytesMax} bytes`
  const extents = extentsOf(message.bytes, start, end)
  if (extents.length !== 2 * records.length) message.refuse(start, end, reason)
  else
    for (const [i, record] of records.entries()) {
      const from = extents[2 * i] as number
      const to = extents[2 * i + 1] as number
      if (to - from <= limits.recordBytesMax) message.keep(record, from, to)
      else message.refuse(from, to, reason)
    }
}
