import { isObject, type JsonObject } from '@weir/model'

/** The audit event that Kubernetes wrote stands as JSON text in `properties.log`: read, so that paths lead into it. */
export function aksAuditShape(record: JsonObject): JsonObject {
  const { properties } = record
  if (!isObject(properties) || typeof properties.log !== 'string') return record
  const log = parsed(properties.log)
  return log === undefined ? record : { ...record, properties: { ...properties, log } }
}

/** Text that was cut off stays text. */
function parsed(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
