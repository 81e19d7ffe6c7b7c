import type { JsonObject, JsonValue } from '@weir/model'

interface Structured {
  /** By id, the parameters by name; one that comes several times is a list. `undefined` for none (`-`). */
  readonly elements: JsonObject | undefined
  /** Index behind them. */
  readonly end: number
}

const QUOTE = '"'
const BACKSLASH = '\\'

/** RFC 5424 structured data at this place; `undefined` when it is damaged, so that it stays with the message. */
export function structuredAt(text: string, from: number): Structured | undefined {
  if (text[from] === '-') return { elements: undefined, end: from + 1 }
  const elements: [string, JsonObject][] = []
  let at = from
  while (text[at] === '[') {
    const element = elementAt(text, at + 1)
    if (element === undefined) return undefined
    elements.push([element.id, element.parameters])
    at = element.end
  }
  return at === from ? undefined : { elements: Object.fromEntries(elements), end: at }
}

function elementAt(
  text: string,
  from: number,
): { id: string; parameters: JsonObject; end: number } | undefined {
  const id = /[^\s="\]]{1,255}/y
  id.lastIndex = from
  const found = id.exec(text)
  if (found === null) return undefined
  const parameters = new Map<string, JsonValue>()
  let at = from + found[0].length
  while (text[at] === ' ') {
    while (text[at] === ' ') at++
    if (text[at] === ']') break
    const equals = text.indexOf('=', at)
    if (equals === -1 || text[equals + 1] !== QUOTE) return undefined
    const value = quotedAt(text, equals + 2)
    if (value === undefined) return undefined
    add(parameters, text.slice(at, equals), value.text)
    at = value.end
  }
  if (text[at] !== ']') return undefined
  return { id: found[0], parameters: Object.fromEntries(parameters), end: at + 1 }
}

/** A backslash before anything but a quote, a backslash or a bracket stands for itself. */
function quotedAt(text: string, from: number): { text: string; end: number } | undefined {
  let value = ''
  for (let at = from; at < text.length; at++) {
    const next = text[at] as string
    if (next === QUOTE) return { text: value, end: at + 1 }
    if (next === BACKSLASH && /["\\\]]/.test(text[at + 1] ?? '')) value += text[++at]
    else value += next
  }
  return undefined
}

function add(parameters: Map<string, JsonValue>, name: string, value: string): void {
  const had = parameters.get(name)
  if (had === undefined) parameters.set(name, value)
  else if (Array.isArray(had)) had.push(value)
  else parameters.set(name, [had, value])
}
