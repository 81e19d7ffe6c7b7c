import { isObject, type JsonObject, type JsonValue } from '@weir/model'
import { decoded } from './decoded.ts'
import { derived, type Row, reach, textOf } from './read.ts'

const PREFIX = 'AdvancedHunting-'

/** The hunting table of a streamed row: `DeviceProcessEvents`. */
export function tableOf(record: JsonObject): string {
  const category = textOf(record.category) ?? ''
  return isHunting(category) ? category.slice(PREFIX.length) : category
}

export function isHunting(category: string): boolean {
  return category.startsWith(PREFIX)
}

const CATEGORIES: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    process: 'DeviceProcessEvents CloudProcessEvents',
    network: 'DeviceNetworkEvents',
    file: 'DeviceFileEvents',
    registry: 'DeviceRegistryEvents',
    library: 'DeviceImageLoadEvents',
    authentication: 'DeviceLogonEvents IdentityLogonEvents',
    host: 'DeviceEvents DeviceInfo DeviceNetworkInfo DeviceFileCertificateInfo',
    iam: 'IdentityQueryEvents IdentityDirectoryEvents',
    threat: 'AlertInfo AlertEvidence',
    email: 'EmailEvents EmailUrlInfo EmailAttachmentInfo EmailPostDeliveryEvents',
    web: 'UrlClickEvents CloudAppEvents CloudAuditEvents MessageEvents MessageUrlInfo',
  }).flatMap(([category, tables]) => tables.split(' ').map((table) => [table, [category]] as const)),
)

export function categoryOf(record: JsonObject): readonly string[] | undefined {
  return CATEGORIES.get(tableOf(record))
}

const entityAt = reach('properties.EntityType')

/** True for rows that are a process that was started, or one that is evidence. */
export function startsProcess(record: JsonObject): boolean {
  const table = tableOf(record)
  if (table === 'AlertEvidence') return entityAt(record) === 'Process'
  return table === 'DeviceProcessEvents' || table === 'CloudProcessEvents'
}

const actionAt = reach('properties.ActionType')
const deliveryAt = reach('properties.DeliveryAction')
const failureAt = reach('properties.FailureReason')

/** True where the other end called: a connection that came in, a logon to the device. */
export function isInbound(record: JsonObject): boolean {
  return textOf(actionAt(record))?.startsWith('Inbound') === true || tableOf(record) === 'DeviceLogonEvents'
}

const SUCCESS = /(?:Success|Succeeded|Allowed|Delivered)$/
const FAILURE = /(?:Failed|Failure|Blocked|Denied)$/

/** Most actions only tell that something happened; an attempt's outcome is told by another row. */
export function outcomeOf(record: JsonObject): string {
  const action = textOf(actionAt(record)) ?? textOf(deliveryAt(record)) ?? ''
  if (FAILURE.test(action) || textOf(failureAt(record)) !== undefined) return 'failure'
  return SUCCESS.test(action) ? 'success' : 'unknown'
}

const usersAt = reach('properties.LoggedOnUsers')

/** Who is at the device, of a list in JSON text. */
export function loggedOn(
  record: JsonObject,
): { readonly name: string | undefined; readonly id: string | undefined } | undefined {
  const value = usersAt(record)
  const [user] = listIn(value)
  return isObject(user) ? { name: textOf(user.UserName), id: textOf(user.Sid) } : undefined
}

function listIn(value: JsonValue | undefined): readonly JsonValue[] {
  if (typeof value !== 'string') return Array.isArray(value) ? value : []
  try {
    const inner = JSON.parse(value) as JsonValue
    return Array.isArray(inner) ? inner : []
  } catch {
    return []
  }
}

/** A column that holds a list as JSON text. */
export function textsOf(column: string): Row {
  const at = reach(`properties.${column}`)
  return derived(`properties.${column}, JSON text`, (record) => decoded(at(record)))
}
