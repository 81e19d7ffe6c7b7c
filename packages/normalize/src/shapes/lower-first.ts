import type { JsonObject } from '@weir/model'

/** The same members with keys that begin in lower case. */
export function lowerFirst(object: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key.charAt(0).toLowerCase() + key.slice(1), value]),
  )
}
