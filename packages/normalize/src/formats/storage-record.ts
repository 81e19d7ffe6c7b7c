import type { JsonObject, JsonValue } from '@weir/model'

/**
 * A row of Storage Analytics as the resource log of a storage account would say it, so that one set of rules
 * reads both. `cells` are the 30 fields of version 1.0, or the 38 of 2.0, in their documented order.
 */
export function storageRecord(cells: readonly string[]): JsonObject {
  const at = (place: number) => text(cells[place])
  const operation = at(2)
  return without({
    time: at(1),
    category: categoryOf(operation ?? ''),
    schemaVersion: at(0),
    operationName: operation,
    statusText: at(3),
    statusCode: number(cells[4]),
    durationMs: number(cells[5]),
    callerIpAddress: at(15),
    correlationId: at(13),
    uri: at(11),
    protocol: protocolOf(at(11)),
    identity: identityOf(cells),
    properties: propertiesOf(cells),
  })
}

/** What each field is called in `properties` of a resource log, by its place in the row. */
const PROPERTIES: Readonly<Record<string, number>> = {
  accountName: 9,
  serviceType: 10,
  objectKey: 12,
  serviceVersion: 16,
  requestMd5: 22,
  serverMd5: 23,
  etag: 24,
  lastModifiedTime: 25,
  conditionsUsed: 26,
  userAgentHeader: 27,
  referrerHeader: 28,
  clientRequestId: 29,
}

const NUMBERS: Readonly<Record<string, number>> = {
  serverLatencyMs: 6,
  operationCount: 14,
  requestHeaderSize: 17,
  requestBodySize: 18,
  responseHeaderSize: 19,
  responseBodySize: 20,
  contentLengthHeader: 21,
}

function propertiesOf(cells: readonly string[]): JsonObject {
  const texts = Object.entries(PROPERTIES).map(([name, place]) => [name, text(cells[place])])
  const numbers = Object.entries(NUMBERS).map(([name, place]) => [name, number(cells[place])])
  return without(Object.fromEntries([...texts, ...numbers]))
}

/** How a resource log calls what the row calls authenticated, anonymous, sas and bearer. */
const IDENTITIES: Readonly<Record<string, string>> = {
  authenticated: 'Account Key',
  anonymous: 'Anonymous',
  sas: 'SAS',
  bearer: 'OAuth',
}

function identityOf(cells: readonly string[]): JsonObject {
  const type = text(cells[7])
  const requester = without({
    account: text(cells[8]),
    objectId: text(cells[30]),
    tenantId: text(cells[31]),
    appId: text(cells[32]),
    audience: text(cells[33]),
    tokenIssuer: text(cells[34]),
    upn: text(cells[35]),
  })
  return without({
    type: type === undefined ? undefined : (IDENTITIES[type.toLowerCase()] ?? type),
    requester: Object.keys(requester).length === 0 ? undefined : requester,
    authorization: parsed(cells[37]),
  })
}

/** By the verb that the operation's name begins with, as the categories of a diagnostic setting divide them. */
function categoryOf(operation: string): string {
  if (/^(?:Get|List|Query|Peek|Read|Find|Preflight)/i.test(operation)) return 'StorageRead'
  return /^(?:Delete|Undelete|Clear|Expire|Purge)/i.test(operation) ? 'StorageDelete' : 'StorageWrite'
}

function protocolOf(uri: string | undefined): string | undefined {
  return /^(https?):/i.exec(uri ?? '')?.[1]?.toUpperCase()
}

function text(cell: string | undefined): string | undefined {
  return cell === undefined || cell === '' ? undefined : cell
}

function number(cell: string | undefined): number | undefined {
  const value = cell === undefined || cell === '' ? Number.NaN : Number(cell)
  return Number.isFinite(value) ? value : undefined
}

function parsed(cell: string | undefined): JsonValue | undefined {
  if (text(cell) === undefined) return undefined
  try {
    return JSON.parse(cell!) as JsonValue
  } catch {
    return cell
  }
}

function without(object: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as JsonObject
}
