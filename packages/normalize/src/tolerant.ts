import type { JsonObject } from '@weir/model'
import { isObject } from '@weir/model'
import type { Limits } from './limits.ts'
import type { Message } from './message.ts'
import { repair } from './repair.ts'
import * as scan from './scan.ts'

/** A stretch of a damaged text: a record, or bytes that are none and why. */
type Piece =
  | { readonly start: number; readonly end: number; readonly record: JsonObject; readonly repaired: boolean }
  | { readonly start: number; readonly end: number; readonly reason: string }

const UNREADABLE = 'not a JSON object'
/** What a repair costs, in looks at each byte. */
const REPAIR_PASSES = 16

const TOO_DAMAGED = 'too damaged to tell its records apart'

/**
 * Reads what is not valid JSON as a whole: tells the records apart by their brackets, repairs each that needs
 * it, and refuses only those that stay unreadable.
 */
export function readDamaged(message: Message, start: number, end: number, limits: Limits): void {
  const whole = new Pieces(message.bytes, limits).of(start, end)
  if (whole.every(isRecord) || !everyLineOpens(message.bytes, start, end)) keep(message, whole)
  else keepByLine(message, start, end, limits)
}

function keepByLine(message: Message, start: number, end: number, limits: Limits): void {
  for (let at = start; at < end; ) {
    const stop = scan.endOfLine(message.bytes, at, end)
    keep(message, new Pieces(message.bytes, limits).of(at, stop))
    at = stop + 1
  }
}

function isRecord(piece: Piece): boolean {
  return 'record' in piece
}

/** True for lines that each begin an object: damage in one of them must not reach into the next. */
function everyLineOpens(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; ) {
    const stop = scan.endOfLine(bytes, at, end)
    const first = scan.afterSpace(bytes, at, stop)
    if (first < stop && bytes[first] !== scan.OPEN) return false
    at = stop + 1
  }
  return true
}

function keep(message: Message, pieces: readonly Piece[]): void {
  for (const piece of pieces) {
    if ('reason' in piece) message.refuse(piece.start, piece.end, piece.reason)
    else {
      message.keep(piece.record, piece.start, piece.end)
      if (piece.repaired) message.repaired++
    }
  }
}

/** Cuts a damaged text into pieces. */
class Pieces {
  readonly #bytes: Buffer
  readonly #limits: Limits
  readonly #pieces: Piece[] = []
  #budget: number
  /** First key of the records, quoted as it stands: what marks the beginning of the next one. */
  #firstKey: Buffer | undefined
  /** Lists open at this place, those of envelopes aside. */
  #lists = 0
  /** True between an envelope's opening and its end. */
  #inEnvelope = false

  constructor(bytes: Buffer, limits: Limits) {
    this.#bytes = bytes
    this.#limits = limits
    this.#budget = limits.scanBytesMax
  }

  of(start: number, end: number): readonly Piece[] {
    for (let at = this.#skip(start, end); at < end; at = this.#skip(at, end)) {
      if (this.#budget <= 0) {
        this.#refuse(at, end, TOO_DAMAGED)
        break
      }
      at = this.#next(at, end)
    }
    return this.#pieces
  }

  /** Passes over what stands between records: white space, commas, the brackets of lists and envelopes. */
  #skip(from: number, end: number): number {
    let at = from
    while (at < end) {
      const byte = this.#bytes[at] as number
      const opened = byte === scan.OPEN ? envelopeAt(this.#bytes, at, end) : -1
      if (opened !== -1) {
        this.#inEnvelope = true
        at = opened
      } else if (byte === scan.CLOSE_LIST && this.#lists === 0) {
        at = endOfEnvelope(this.#bytes, at + 1, end, this.#inEnvelope)
        this.#inEnvelope = false
      } else if (byte <= 32 || byte === scan.COMMA) at++
      else if (byte === scan.OPEN_LIST || byte === scan.CLOSE_LIST) {
        this.#lists += byte === scan.OPEN_LIST ? 1 : -1
        at++
      } else break
    }
    return at
  }

  /** Takes one piece at `at` and returns the index behind it. */
  #next(at: number, end: number): number {
    if (this.#bytes[at] !== scan.OPEN) return this.#refuse(at, this.#boundary(at, end), UNREADABLE)
    const stop = scan.endOfValue(this.#bytes, at, end)
    this.#budget -= (stop === -1 ? end : stop) - at
    if (stop !== -1 && this.#keep(at, stop)) return stop
    const key = firstKeyOf(this.#bytes, at, end)
    this.#firstKey = key ?? this.#firstKey
    // An object that closes but names no key holds nothing that could be told apart.
    if (stop !== -1 && key === undefined) return this.#refuse(at, stop, UNREADABLE)
    return this.#refuse(at, this.#boundary(at + 1, stop === -1 ? end : stop), UNREADABLE)
  }

  /** True when the bytes are a record, perhaps after repair. */
  #keep(start: number, end: number): boolean {
    if (end - start > this.#limits.recordBytesMax) {
      this.#refuse(start, end, `record is larger than ${this.#limits.recordBytesMax} bytes`)
      return true
    }
    const text = this.#bytes.toString('utf8', start, end)
    const strict = parsed(text)
    if (strict === undefined) this.#budget -= REPAIR_PASSES * (end - start)
    const record = strict ?? repair(text)
    if (record === undefined) return false
    this.#pieces.push({ start, end, record, repaired: strict === undefined })
    this.#firstKey ??= firstKeyOf(this.#bytes, start, end)
    return true
  }

  #refuse(start: number, end: number, reason: string): number {
    let last = scan.beforeSpace(this.#bytes, end)
    if (this.#bytes[last] === scan.COMMA && last > start) last = scan.beforeSpace(this.#bytes, last)
    this.#pieces.push({ start, end: last + 1, reason })
    return end
  }

  /** Where the next record begins: an object behind a bracket or a line's end that starts with the same key. */
  #boundary(from: number, end: number): number {
    const key = this.#firstKey
    if (key === undefined) return scan.endOfLine(this.#bytes, from, end)
    for (let at = this.#bytes.indexOf(key, from); at !== -1 && at < end; ) {
      const open = scan.beforeSpace(this.#bytes, at)
      if (open >= from && this.#bytes[open] === scan.OPEN && this.#separates(open)) {
        this.#budget -= open - from
        return open
      }
      at = this.#bytes.indexOf(key, at + 1)
    }
    this.#budget -= end - from
    return end
  }

  /** True when a record can begin at `open`: behind a comma or at a line's start, or right behind a bracket. */
  #separates(open: number): boolean {
    const before = scan.beforeSpace(this.#bytes, open)
    if (this.#bytes.subarray(before + 1, open).includes(10)) return true
    return this.#bytes[before] === scan.COMMA || this.#bytes[before] === scan.CLOSE
  }
}

function parsed(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

const ENVELOPE = /^\{\s*"[Rr]ecords"\s*:\s*\[/

/** Index behind `{"records":[` at `at`; -1 where there is none. */
function envelopeAt(bytes: Buffer, at: number, end: number): number {
  const found = ENVELOPE.exec(bytes.toString('latin1', at, Math.min(end, at + ENVELOPE_BYTES_MAX)))
  return found === null ? -1 : at + found[0].length
}

/** An envelope's opening with more white space than this is not seen as one, and its records are refused. */
const ENVELOPE_BYTES_MAX = 64

/**
 * Index behind the end of an envelope whose list closed before `at`: a brace, after further members where the
 * envelope began in this text. Where anything else follows, the bracket was a stray one and only it is passed.
 */
function endOfEnvelope(bytes: Buffer, at: number, end: number, began: boolean): number {
  const next = scan.afterSpace(bytes, at, end)
  if (bytes[next] === scan.CLOSE && next < end) return next + 1
  if (bytes[next] !== scan.COMMA || !began) return at
  const close = bytes.indexOf(scan.CLOSE, next)
  const members = close === -1 || close >= end ? '' : bytes.toString('utf8', next + 1, close)
  return members === '' || parsed(`{${members}}`) === undefined ? at : close + 1
}

/** The first key of the object at `at` with its quotes; `undefined` when it has none. */
function firstKeyOf(bytes: Buffer, at: number, end: number): Buffer | undefined {
  const start = scan.afterSpace(bytes, at + 1, end)
  const quote = bytes[start]
  if (quote !== scan.QUOTE && quote !== scan.APOSTROPHE) return undefined
  const stop = bytes.indexOf(quote, start + 1)
  return stop === -1 || stop >= end || stop === start + 1 ? undefined : bytes.subarray(start, stop + 1)
}
