import type { JsonObject } from '@weir/model'

/** The same members with keys that begin in lower case, an abbreviation whole: `UPNSuffix` becomes `upnSuffix`. */
export function lowerFirst(object: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [
      key.replace(CAPITALS, (head) => head.toLowerCase()),
      value,
    ]),
  )
}

const CAPITALS = /^[A-Z]+(?=[A-Z][a-z])|^[A-Z]+$|^[A-Z]/
