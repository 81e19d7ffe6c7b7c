import { type FieldValue, isObject, type JsonValue } from '@weir/model'
import { listOf, textOf } from './read.ts'

/**
 * The value behind JSON text within JSON: `"\"Global Administrator\""` and `["Global Administrator"]` are both
 * Global Administrator; a longer list stays a list, other text stays text, an empty one is nothing.
 */
export function decoded(value: JsonValue | undefined): FieldValue {
  const text = textOf(value)
  if (text === undefined) return undefined
  const inner = parsed(text)
  if (Array.isArray(inner)) return inner.length === 1 ? (textOf(inner[0]) ?? text) : listOf(inner)
  if (inner === null) return undefined
  if (inner === undefined || isObject(inner)) return text
  return textOf(inner) ?? (typeof inner === 'boolean' ? text : undefined)
}

/** `undefined` for text that is not JSON. */
function parsed(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue
  } catch {
    return undefined
  }
}
