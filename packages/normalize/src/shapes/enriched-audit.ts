import { isObject, type JsonObject, type JsonValue } from '@weir/model'
import { jsonObject } from '../json-object.ts'

/**
 * Microsoft 365 audits that Entra exports with what Global Secure Access knows of the device: brought to the
 * shape in which the audit log itself has them. Names of the export as Azure Monitor's table lists them.
 */
export function enrichedAuditShape(record: JsonObject): JsonObject {
  const { properties } = record
  if (!isObject(properties)) return record
  const { additionalProperties, ...own } = capitalised(properties)
  const audit = { ...capitalised(objectOf(additionalProperties)), ...own }
  return {
    ...audit,
    category: record.category,
    CreationTime: audit.CreationTime ?? record.time,
    Operation: audit.Operation ?? record.operationName,
    ClientIP: audit.ClientIP ?? audit.ClientIp ?? audit.SourceIp,
    OrganizationId: audit.OrganizationId ?? record.tenantId,
  }
}

/** The bag of what the table has no column for is read under its own name. */
function capitalised(object: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) =>
      key.toLowerCase() === 'additionalproperties'
        ? ['additionalProperties', value]
        : [key.charAt(0).toUpperCase() + key.slice(1), value],
    ),
  )
}

function objectOf(value: JsonValue | undefined): JsonObject {
  const inner = typeof value === 'string' ? jsonObject(value) : value
  return isObject(inner) ? inner : {}
}
