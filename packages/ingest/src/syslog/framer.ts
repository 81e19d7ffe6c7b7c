import type { SyslogFraming } from './config.ts'

/** What was cut out of a stream, in order: whole messages by their extents, or what is none. */
export type Part =
  | { readonly kind: 'messages'; readonly bytes: Buffer; readonly extents: readonly number[] }
  | { readonly kind: 'unreadable'; readonly bytes: Buffer; readonly reason: string }

const NUL = 0
const NEWLINE = 0x0a
const RETURN = 0x0d
const SPACE = 0x20
const OPEN_ANGLE = 0x3c
const OPEN_BRACE = 0x7b
/** Digits of a length; more is no length. */
const DIGITS_MAX = 8
const NOTHING = Buffer.alloc(0)

/** Cuts the bytes of one connection into messages as RFC 6587 frames them; holds at most one unfinished message. */
export class Framer {
  readonly #bytesMax: number
  #framing: SyslogFraming
  #rest: Buffer = NOTHING
  /** What is still to come of a message that is too long: a number of bytes, or until the line ends. */
  #overlong: number | 'line' = 0
  #broken = false

  constructor(framing: SyslogFraming, bytesMax: number) {
    this.#framing = framing
    this.#bytesMax = bytesMax
  }

  /** True when nothing behind can be told apart any more. */
  get broken(): boolean {
    return this.#broken
  }

  take(chunk: Buffer): Part[] {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    this.#rest = NOTHING
    if (this.#framing === 'auto') this.#framing = framingOf(bytes)
    if (this.#framing === 'auto') {
      this.#rest = bytes
      return []
    }
    const parts = new Parts(bytes)
    const end = this.#framing === 'lines' ? this.#lines(bytes, parts) : this.#octets(bytes, parts)
    // A copy: the chunk is far larger than what is left of it, and would be held for as long.
    if (end < bytes.length) this.#rest = Buffer.from(bytes.subarray(end))
    return parts.taken()
  }

  /** What is left when the connection is over: a last line without its end is whole when the sender closed in order. */
  end(inOrder: boolean): Part[] {
    const bytes = this.#rest
    this.#rest = NOTHING
    if (bytes.length === 0) return []
    const parts = new Parts(bytes)
    if (inOrder && this.#framing !== 'octets' && this.#overlong === 0) parts.message(0, bytes.length)
    else parts.unreadable(0, bytes.length, 'the connection ended within this message')
    return parts.taken()
  }

  /** Index behind what was used. */
  #lines(bytes: Buffer, parts: Parts): number {
    let at = 0
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, at)) {
      if (this.#overlong === 'line' || end - at > this.#bytesMax) this.#pieces(at, end, parts)
      else parts.message(at, end)
      this.#overlong = 0
      at = end + 1
    }
    if (this.#overlong !== 'line' && bytes.length - at <= this.#bytesMax) return at
    this.#overlong = 'line'
    this.#pieces(at, bytes.length, parts)
    return bytes.length
  }

  #octets(bytes: Buffer, parts: Parts): number {
    let at = this.#skipOverlong(bytes, parts)
    while (at < bytes.length) {
      // Some senders end a counted message with a line feed that they did not count.
      if (bytes[at] === NEWLINE) {
        at++
        continue
      }
      const space = afterDigits(bytes, at)
      if (space === bytes.length && space - at <= DIGITS_MAX) return at
      if (space === at || space - at > DIGITS_MAX || bytes[space] !== SPACE) return this.#break(at, parts)
      const start = space + 1
      const length = Number(bytes.toString('latin1', at, space))
      if (length > this.#bytesMax) {
        this.#overlong = length
        at = start + this.#skipOverlong(bytes.subarray(start), parts, start)
      } else if (start + length > bytes.length) return at
      else {
        parts.message(start, start + length)
        at = start + length
      }
    }
    return at
  }

  /** Bytes used up by a message that is too long. */
  #skipOverlong(bytes: Buffer, parts: Parts, from = 0): number {
    if (this.#overlong === 'line' || this.#overlong === 0) return 0
    const taken = Math.min(this.#overlong, bytes.length)
    this.#overlong -= taken
    this.#pieces(from, from + taken, parts)
    return taken
  }

  #pieces(from: number, to: number, parts: Parts): void {
    const reason = `message is larger than ${this.#bytesMax} bytes`
    for (let at = from; at < to; at += this.#bytesMax)
      parts.unreadable(at, Math.min(to, at + this.#bytesMax), reason)
  }

  #break(at: number, parts: Parts): number {
    this.#broken = true
    parts.unreadable(at, parts.length, 'framing: no length where one was due')
    return parts.length
  }
}

/** Gathers parts over one buffer; messages that follow one another become one part. */
class Parts {
  readonly #bytes: Buffer
  readonly #parts: Part[] = []
  #extents: number[] = []

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get length(): number {
    return this.#bytes.length
  }

  /** A message without the line ends and zeros around it; nothing where nothing else is there. */
  message(from: number, to: number): void {
    let [start, end] = [from, to]
    while (end > start && isPadding(this.#bytes[end - 1])) end--
    while (start < end && isPadding(this.#bytes[start])) start++
    if (end > start) this.#extents.push(start, end)
  }

  unreadable(start: number, end: number, reason: string): void {
    this.#flush()
    if (end > start) this.#parts.push({ kind: 'unreadable', bytes: this.#bytes.subarray(start, end), reason })
  }

  taken(): Part[] {
    this.#flush()
    return this.#parts
  }

  #flush(): void {
    if (this.#extents.length === 0) return
    const [first, last] = [this.#extents[0]!, this.#extents.at(-1)!]
    const extents = this.#extents.map((at) => at - first)
    this.#parts.push({ kind: 'messages', bytes: this.#bytes.subarray(first, last), extents })
    this.#extents = []
  }
}

function isPadding(byte: number | undefined): boolean {
  return byte === NEWLINE || byte === RETURN || byte === NUL
}

/** A length, a space and a message that looks like one; anything else is lines. Too few bytes tell nothing yet. */
function framingOf(bytes: Buffer): SyslogFraming {
  const space = afterDigits(bytes, 0)
  if (space > DIGITS_MAX) return 'lines'
  if (space + 1 >= bytes.length && (space === bytes.length || bytes[space] === SPACE)) return 'auto'
  const next = bytes[space + 1]
  const counted = space > 0 && bytes[space] === SPACE && (next === OPEN_ANGLE || next === OPEN_BRACE)
  return counted ? 'octets' : 'lines'
}

/** Index of the first byte that is no digit. */
function afterDigits(bytes: Buffer, from: number): number {
  let at = from
  while (at < bytes.length && bytes[at]! >= 0x30 && bytes[at]! <= 0x39) at++
  return at
}

/** One datagram: one message. */
export function datagram(bytes: Buffer): Part | undefined {
  const parts = new Parts(bytes)
  parts.message(0, bytes.length)
  return parts.taken()[0]
}
