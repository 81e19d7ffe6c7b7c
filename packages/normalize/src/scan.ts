/** Byte values with a meaning in JSON. */
export const QUOTE = 34
export const APOSTROPHE = 39
export const COMMA = 44
const COLON = 58
export const OPEN_LIST = 91
const BACKSLASH = 92
export const CLOSE_LIST = 93
export const OPEN = 123
export const CLOSE = 125
const NEWLINE = 10

/** Index behind the bracketed value that opens at `at`; -1 when it does not close before `end`. */
export function endOfValue(bytes: Uint8Array, at: number, end: number): number {
  let depth = 0
  let before = 0
  for (let i = at; i < end; i++) {
    const byte = bytes[i] as number
    if (byte === QUOTE) i = endOfString(bytes, i, end) - 1
    else if (byte === APOSTROPHE && opensQuoted(before)) i = endOfQuoted(bytes, i, end) - 1
    else if (byte === OPEN || byte === OPEN_LIST) depth++
    else if (byte === CLOSE || byte === CLOSE_LIST) {
      depth--
      if (depth === 0) return i + 1
    }
    if (byte > 32) before = byte
  }
  return -1
}

/** Index behind the closing quote of the string that opens at `at`; `end` when it never closes. */
function endOfString(bytes: Uint8Array, at: number, end: number): number {
  for (let i = at + 1; i < end; i++) {
    const byte = bytes[i]
    if (byte === BACKSLASH) i++
    else if (byte === QUOTE) return i + 1
  }
  return end
}

/** True for the bytes behind which a key or a value stands: only there does an apostrophe open a string. */
export function opensQuoted(before: number): boolean {
  return before === OPEN || before === OPEN_LIST || before === COMMA || before === COLON
}

/** True for the bytes that follow a key or a value: only before them does an apostrophe close a string. */
export function closesQuoted(after: number | undefined): boolean {
  return after === undefined || after === COMMA || after === COLON || after === CLOSE || after === CLOSE_LIST
}

/** Index behind the apostrophe that closes the pseudo JSON string which opens at `at`. */
function endOfQuoted(bytes: Uint8Array, at: number, end: number): number {
  for (let i = at + 1; i < end; i++) {
    const byte = bytes[i]
    if (byte === BACKSLASH) i++
    else if (byte === APOSTROPHE && closesQuoted(bytes[afterSpace(bytes, i + 1, end)])) return i + 1
  }
  return end
}

/** First index from `at` that holds no white space. */
export function afterSpace(bytes: Uint8Array, at: number, end: number): number {
  let i = at
  while (i < end && (bytes[i] as number) <= 32) i++
  return i
}

/** Last index before `at` that holds no white space, or -1. */
export function beforeSpace(bytes: Uint8Array, at: number): number {
  let i = at - 1
  while (i >= 0 && (bytes[i] as number) <= 32) i--
  return i
}

/** End of the line that `at` is on. */
export function endOfLine(bytes: Uint8Array, at: number, end: number): number {
  const found = bytes.indexOf(NEWLINE, at)
  return found === -1 || found > end ? end : found
}

/** The records of a list and where it ends. */
export interface Elements {
  /** Start, end, start, end … */
  readonly offsets: readonly number[]
  /** Index behind the closing bracket. */
  readonly end: number
}

/** The elements of the list that opens at `at`; the list is valid JSON. */
export function elementsOf(bytes: Uint8Array, at: number, end: number): Elements {
  const offsets: number[] = []
  let i = afterSpace(bytes, at + 1, end)
  while (i < end && bytes[i] !== CLOSE_LIST) {
    const stop = endOfValid(bytes, i, end)
    offsets.push(i, stop)
    i = afterSpace(bytes, stop, end)
    if (bytes[i] === COMMA) i = afterSpace(bytes, i + 1, end)
  }
  return { offsets, end: i + 1 }
}

/**
 * Calls `member` with each key and the offset of its value, of the valid object that opens at `at`; `member`
 * may return the value's end, where it has found it.
 */
export function membersOf(
  bytes: Buffer,
  at: number,
  end: number,
  member: (key: string, at: number) => number | undefined,
): void {
  let i = afterSpace(bytes, at + 1, end)
  while (i < end && bytes[i] === QUOTE) {
    const stop = endOfString(bytes, i, end)
    const value = afterSpace(bytes, afterSpace(bytes, stop, end) + 1, end)
    const behind = member(bytes.toString('utf8', i + 1, stop - 1), value)
    i = afterSpace(bytes, behind ?? endOfValid(bytes, value, end), end)
    if (bytes[i] === COMMA) i = afterSpace(bytes, i + 1, end)
  }
}

/** Index behind the value of valid JSON that begins at `at`. */
function endOfValid(bytes: Uint8Array, at: number, end: number): number {
  const byte = bytes[at]
  if (byte === QUOTE) return endOfString(bytes, at, end)
  if (byte === OPEN || byte === OPEN_LIST) return endOfBrackets(bytes, at, end)
  let i = at
  while (i < end && !endsBare(bytes[i] as number)) i++
  return i > at ? i : at + 1
}

/** As `endOfValue`, for valid JSON: where no apostrophe opens a string, there is less to look at. */
function endOfBrackets(bytes: Uint8Array, at: number, end: number): number {
  let depth = 0
  for (let i = at; i < end; i++) {
    const byte = bytes[i] as number
    if (byte === QUOTE) i = endOfString(bytes, i, end) - 1
    else if (byte === OPEN || byte === OPEN_LIST) depth++
    else if (byte === CLOSE || byte === CLOSE_LIST) {
      depth--
      if (depth === 0) return i + 1
    }
  }
  return end
}

function endsBare(byte: number): boolean {
  return byte <= 32 || byte === COMMA || byte === CLOSE || byte === CLOSE_LIST
}
