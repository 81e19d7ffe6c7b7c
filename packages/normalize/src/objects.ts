import { isObject, type JsonObject, type JsonValue } from '@weir/model'

/** The objects of a list; none where it is no list. */
export function objects(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}
