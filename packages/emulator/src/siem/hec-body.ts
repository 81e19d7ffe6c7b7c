import { isObject, type JsonObject, type JsonValue } from '@weir/model'
import type { HecReplyName } from './hec-reply.ts'

/** Event objects of a body up to the first bad one, which is named by its number, from 0. */
export interface HecBody {
  /** JSON text of each good event. */
  readonly events: readonly string[]
  readonly wrong?: { readonly event: number; readonly reply: HecReplyName }
}

/** Reads a body of event objects one after another. `refuse` marks events to be refused by their text; '' for none. */
export function readHecBody(body: string, refuse: string): HecBody {
  const events: string[] = []
  let at = skipSpace(body, 0)
  while (at < body.length) {
    const end = objectEnd(body, at)
    const text = body.slice(at, end)
    const reply = refuse !== '' && text.includes(refuse) ? 'invalidFormat' : mistakeIn(text)
    if (reply !== undefined) return { events, wrong: { event: events.length, reply } }
    events.push(text)
    at = skipSpace(body, end)
  }
  return { events }
}

function skipSpace(body: string, from: number): number {
  let at = from
  while (/\s/.test(body[at] ?? '')) at++
  return at
}

/** Where the object that begins here ends; the end of the body when it never does. */
function objectEnd(body: string, from: number): number {
  let depth = 0
  let quoted = false
  for (let at = from; at < body.length; at++) {
    const char = body[at]
    if (quoted && char === '\\') at++
    else if (char === '"') quoted = !quoted
    else if (!quoted && char === '{') depth++
    else if (!quoted && char === '}' && --depth === 0) return at + 1
  }
  return body.length
}

function mistakeIn(text: string): HecReplyName | undefined {
  const event = parsed(text)
  if (!isObject(event)) return 'invalidFormat'
  if (event['event'] === undefined || event['event'] === null) return 'eventRequired'
  if (event['event'] === '') return 'eventBlank'
  if (!isTime(event['time'])) return 'invalidFormat'
  if (!isIndex(event['index'])) return 'incorrectIndex'
  return areFields(event['fields']) ? undefined : 'badFields'
}

function parsed(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue
  } catch {
    return undefined
  }
}

/** Epoch seconds as a number or its text, without an exponent. */
function isTime(time: JsonValue | undefined): boolean {
  return time === undefined || /^\d+(\.\d+)?$/.test(String(time))
}

function isIndex(index: JsonValue | undefined): boolean {
  return index === undefined || (typeof index === 'string' && /^[a-z0-9][a-z0-9_-]*$/.test(index))
}

/** A flat object of strings and lists of strings. */
function areFields(fields: JsonValue | undefined): boolean {
  if (fields === undefined) return true
  return isObject(fields) && Object.values(fields as JsonObject).every(isFieldValue)
}

function isFieldValue(value: JsonValue | undefined): boolean {
  return Array.isArray(value) ? value.every((each) => typeof each === 'string') : typeof value === 'string'
}
