import { isObject, type JsonObject, type JsonValue } from '@weir/model'
import { jsonObject } from './json-object.ts'
import { repair } from './repair.ts'
import { defenderCloudShape } from './shapes/defender-cloud.ts'
import { lowerFirst } from './shapes/lower-first.ts'
import { categoryShape } from './shapes.ts'
import { windowsShape } from './windows-shape.ts'

/**
 * The record in its dataset's one shape: Graph's sign-ins and audits as Event Hubs brings them, the activity
 * log of its REST interface as exported, envelope keys in their usual spelling, `properties` as an object where
 * it came as text, and what a category has of its own. Most records already are, and are returned as they came.
 */
export function inShape(record: JsonObject): JsonObject {
  const enveloped = inEnvelope(record)
  const own = categoryShape(enveloped.category)
  return own === undefined ? enveloped : own(enveloped)
}

function inEnvelope(record: JsonObject): JsonObject {
  const { properties } = record
  if (typeof properties === 'object' && properties !== null) return withEnvelope(record)
  if (typeof properties === 'string') return withObject(record, properties)
  if (record.eventID !== undefined || record.Operation !== undefined) return record
  const exported = defenderCloudShape(record)
  if (exported !== undefined) return exported
  const windows = mayBeWindows(record) ? windowsShape(record) : undefined
  if (windows !== undefined) return windows
  const named = isPascal(record) ? lowerFirst(record) : record
  if (named !== record && named.properties !== undefined) return inEnvelope(named)
  if (typeof named.createdDateTime === 'string' && isSignin(named)) return signinOf(named)
  if (typeof named.activityDateTime === 'string' && named.activityDisplayName !== undefined)
    return auditOf(named)
  return withEnvelope(named)
}

function mayBeWindows(record: JsonObject): boolean {
  return record.winlog !== undefined || record.EventID !== undefined || record.EventId !== undefined
}

/** Settles what is spelled otherwise in few records: the resource id's key, and the REST activity log. */
function withEnvelope(record: JsonObject): JsonObject {
  if (record.resourceId === undefined) {
    const resourceId = record.resourceid ?? record.ResourceId
    if (resourceId !== undefined) return withEnvelope({ ...record, resourceId })
  }
  if (isObject(record.operationName) && record.operationName.value !== undefined) return activityOf(record)
  return isPascal(record) ? lowerFirst(record) : record
}

/** JSON text where an object belongs is read; other text is left as it is. */
function withObject(record: JsonObject, properties: string): JsonObject {
  if (!properties.trimStart().startsWith('{')) return withEnvelope(record)
  const object = jsonObject(properties) ?? repair(properties)
  return withEnvelope(object === undefined ? record : { ...record, properties: object })
}

/** True where an envelope's keys begin with capitals, as some exports write them. */
function isPascal(record: JsonObject): boolean {
  return (
    record.category === undefined &&
    typeof record.Category === 'string' &&
    (record.OperationName ?? record.Properties) !== undefined
  )
}

function isSignin(record: JsonObject): boolean {
  return record.appDisplayName !== undefined || record.operationName === 'Sign-in activity'
}

function signinOf(record: JsonObject): JsonObject {
  const status = isObject(record.status) ? record.status : {}
  const location = isObject(record.location) ? record.location : {}
  return {
    time: record.createdDateTime,
    operationName: 'Sign-in activity',
    category: record.category ?? signinCategory(record),
    ...present({
      tenantId: record.tenantId,
      resultType: asText(status.errorCode ?? record.resultType),
      resultDescription: status.failureReason,
      callerIpAddress: record.ipAddress,
      correlationId: record.correlationId,
      identity: record.userDisplayName,
      location: location.countryOrRegion,
    }),
    properties: record,
  }
}

function signinCategory(record: JsonObject): string {
  const types = Array.isArray(record.signInEventTypes) ? record.signInEventTypes : []
  if (types.includes('managedIdentity')) return 'ManagedIdentitySignInLogs'
  if (types.includes('servicePrincipal')) return 'ServicePrincipalSignInLogs'
  if (types.includes('nonInteractiveUser')) return 'NonInteractiveUserSignInLogs'
  return record.isInteractive === false ? 'NonInteractiveUserSignInLogs' : 'SignInLogs'
}

function auditOf(record: JsonObject): JsonObject {
  return {
    time: record.activityDateTime,
    operationName: record.activityDisplayName,
    category: 'AuditLogs',
    ...present({ correlationId: record.correlationId, resultDescription: record.resultReason }),
    properties: record,
  }
}

/** REST writes `{value, localizedValue}` where the export writes the value. */
function activityOf(record: JsonObject): JsonObject {
  const request = isObject(record.httpRequest) ? record.httpRequest : {}
  const properties = isObject(record.properties) ? record.properties : {}
  return {
    ...record,
    time: record.eventTimestamp ?? record.time,
    operationName: plain(record.operationName),
    ...present({
      category: plain(record.category),
      resultType: plain(record.status),
      resultSignature: plain(record.subStatus),
      resultDescription: record.description,
      callerIpAddress: request.clientIpAddress,
    }),
    identity: {
      ...(isObject(record.identity) ? record.identity : {}),
      ...present({ authorization: record.authorization, claims: record.claims }),
    },
    properties: { eventCategory: plain(record.category) ?? 'Administrative', ...properties },
  }
}

function plain(value: JsonValue | undefined): JsonValue | undefined {
  return isObject(value) ? value.value : value
}

function asText(value: JsonValue | undefined): string | undefined {
  return typeof value === 'number' || typeof value === 'string' ? String(value) : undefined
}

/** Only the members that have a value. */
function present(object: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(object).filter(([, value]) => value !== undefined && value !== null),
  )
}
