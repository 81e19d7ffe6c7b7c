/** Any value that `JSON.parse` can give. */
export type JsonValue = string | number | boolean | null | JsonObject | JsonValue[]

/** A parsed JSON object; a member that is not there is `undefined`. */
export interface JsonObject {
  [key: string]: JsonValue | undefined
}

/** True for an object that is neither null nor an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
