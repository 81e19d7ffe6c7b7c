import { isObject, type JsonObject } from '@weir/model'

/** The object that a text is JSON of; `undefined` for any other text. */
export function jsonObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
