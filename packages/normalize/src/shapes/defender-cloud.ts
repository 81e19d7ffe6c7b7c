import { isObject, type JsonObject, type JsonValue } from '@weir/model'
import { lowerFirst } from './lower-first.ts'

const ALERT = 'Microsoft.Security/Locations/alerts'

/**
 * Defender for Cloud's continuous export, as its REST interface has the objects: `id`, `type`, `properties`. Alerts
 * come flat and with capitals, too, and so do findings beneath a recommendation.
 */
export function defenderCloudShape(record: JsonObject): JsonObject | undefined {
  if (typeof record.SystemAlertId === 'string' && record.AlertDisplayName !== undefined)
    return alertOf(record)
  if (typeof record.Type === 'string' && isObject(record.Properties) && isSecurity(record.Type))
    return allLowerFirst(record) as JsonObject
  return undefined
}

/** True for the types of Defender for Cloud's objects. */
export function isSecurity(type: string): boolean {
  return type.length > 19 && type.slice(0, 19).toLowerCase() === 'microsoft.security/'
}

function alertOf(record: JsonObject): JsonObject {
  const { ExtendedProperties, ...columns } = record
  const properties = lowerFirst(columns)
  return {
    type: ALERT,
    name: record.SystemAlertId,
    resourceId: record.AzureResourceId,
    properties: {
      ...properties,
      startTimeUtc: record.StartTimeUtc,
      endTimeUtc: record.EndTimeUtc,
      timeGeneratedUtc: record.TimeGenerated,
      productComponentName: record.ProductComponentName ?? record.ProductName,
      entities: allLowerFirst(record.Entities),
      extendedProperties: ExtendedProperties,
    },
  }
}

/** Deeper than this nothing of the service's stands, and what does is kept as it came: the stack is not endless. */
const LEVELS_MAX = 32

function allLowerFirst(value: JsonValue | undefined, level = 0): JsonValue | undefined {
  if (level === LEVELS_MAX) return value
  if (Array.isArray(value)) return value.map((each) => allLowerFirst(each, level + 1) as JsonValue)
  if (!isObject(value)) return value
  const members = Object.entries(lowerFirst(value))
  return Object.fromEntries(members.map(([key, each]) => [key, allLowerFirst(each, level + 1)]))
}
