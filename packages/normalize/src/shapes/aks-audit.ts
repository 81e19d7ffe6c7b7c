import { isObject, type JsonObject } from '@weir/model'
import { jsonObject } from '../json-object.ts'

/**
 * The audit event that Kubernetes wrote stands as JSON text in `properties.log`: read, so that paths
 * lead into it; text that was cut off stays text.
 */
export function aksAuditShape(record: JsonObject): JsonObject {
  const { properties } = record
  if (!isObject(properties) || typeof properties.log !== 'string') return record
  const log = jsonObject(properties.log)
  return log === undefined ? record : { ...record, properties: { ...properties, log } }
}
