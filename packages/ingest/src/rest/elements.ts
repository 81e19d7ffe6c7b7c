/** One element of a list: its value, and its bytes as the provider wrote them. */
export interface Element {
  readonly value: unknown
  readonly bytes: Buffer
}

/** The text of a body as a value; `undefined` for one that is no JSON, as when its end is missing. */
export function parsedBody(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8', startOf(body)))
  } catch {
    return undefined
  }
}

/** The elements of the list that a valid body is. */
export function elementsOf(body: Buffer, values: readonly unknown[]): Element[] {
  return cut(body, afterSpace(body, startOf(body)), values)
}

/** The elements of the list that is the member `key` of the object that a valid body is. */
export function elementsBelow(body: Buffer, key: string, values: readonly unknown[]): Element[] {
  return cut(body, memberAt(body, key), values)
}

const QUOTE = 34
const COMMA = 44
const OPEN_LIST = 91
const BACKSLASH = 92
const CLOSE_LIST = 93
const OPEN = 123
const CLOSE = 125

/** Behind a byte order mark. */
function startOf(body: Buffer): number {
  return body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0
}

function cut(body: Buffer, list: number, values: readonly unknown[]): Element[] {
  const elements: Element[] = []
  let at = list + 1
  for (const value of values) {
    const start = afterSpace(body, at)
    const end = behindValue(body, start)
    elements.push({ value, bytes: body.subarray(start, end) })
    at = behindComma(body, end)
  }
  return elements
}

/** Where the value of a member begins; of equal keys the last counts, as in JSON.parse. */
function memberAt(body: Buffer, key: string): number {
  let found = -1
  let at = afterSpace(body, afterSpace(body, startOf(body)) + 1)
  while (body[at] === QUOTE) {
    const stop = behindString(body, at)
    const name: unknown = JSON.parse(body.toString('utf8', at, stop))
    const value = afterSpace(body, afterSpace(body, stop) + 1)
    if (name === key) found = value
    at = afterSpace(body, behindComma(body, behindValue(body, value)))
  }
  return found
}

function behindComma(body: Buffer, at: number): number {
  const next = afterSpace(body, at)
  return body[next] === COMMA ? next + 1 : next
}

function behindValue(body: Buffer, at: number): number {
  if (body[at] === QUOTE) return behindString(body, at)
  if (body[at] === OPEN || body[at] === OPEN_LIST) return behindBrackets(body, at)
  let end = at
  while (end < body.length && !endsScalar(body[end]!)) end++
  return end
}

function endsScalar(byte: number): boolean {
  return byte <= 32 || byte === COMMA || byte === CLOSE || byte === CLOSE_LIST
}

function behindBrackets(body: Buffer, at: number): number {
  let depth = 0
  for (let i = at; i < body.length; i++) {
    const byte = body[i]
    if (byte === QUOTE) i = behindString(body, i) - 1
    else if (byte === OPEN || byte === OPEN_LIST) depth++
    else if ((byte === CLOSE || byte === CLOSE_LIST) && --depth === 0) return i + 1
  }
  return body.length
}

function behindString(body: Buffer, at: number): number {
  for (let i = at + 1; i < body.length; i++) {
    if (body[i] === BACKSLASH) i++
    else if (body[i] === QUOTE) return i + 1
  }
  return body.length
}

function afterSpace(body: Buffer, at: number): number {
  let i = at
  while (i < body.length && body[i]! <= 32) i++
  return i
}
