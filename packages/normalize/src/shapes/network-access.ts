import { isObject, type JsonObject } from '@weir/model'
import { lowerFirst } from './lower-first.ts'

/** Traffic of Global Secure Access with names as Graph has them, whether or not the way in capitalised them. */
export function networkAccessShape(record: JsonObject): JsonObject {
  const { properties } = record
  return isObject(properties) ? { ...record, properties: lowerFirst(properties) } : record
}
