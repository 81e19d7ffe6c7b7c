import type { FieldValue, JsonObject } from '@weir/model'

/** The value that a field like `record.properties.appId` names; `undefined` for what is neither single nor a list of such. */
export function recordField(record: JsonObject, name: string): FieldValue {
  let value: unknown = record
  for (const key of name.split('.').slice(1)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Record<string, unknown>)[key]
  }
  if (value === null || isSingle(value)) return value
  return Array.isArray(value) && value.every(isSingle) ? value : undefined
}

function isSingle(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value)
}
