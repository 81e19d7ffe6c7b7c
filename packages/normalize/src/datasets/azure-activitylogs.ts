import { isObject, type JsonObject, type JsonValue } from '@weir/model'
import { actionType } from '../action-type.ts'
import { claims } from '../claims.ts'
import { decoded } from '../decoded.ts'
import { ENVELOPE, envelopeColumns, envelopeTime } from '../envelope.ts'
import { derived, first, folded, ip, mapped, port, type Row, reach, text, textOf } from '../read.ts'
import { dataset, MINUTE_MS } from '../table.ts'

const caller = claims(['identity', 'claims'])
const requestBody = first(text('properties.requestbody'), text('properties.requestBody'))
const responseBody = first(text('properties.responseBody'), text('properties.responsebody'))

/** Azure activity log: what was done to resources, and what befell them. */
export const AZURE_ACTIVITYLOGS = dataset({
  name: 'azure.activitylogs',
  latenessMs: 30 * MINUTE_MS,
  time: envelopeTime,
  id: (record) => textOf(record.eventDataId),
  columns: (record) => [...envelopeColumns(record), record.category],
  rows: {
    ...ENVELOPE,
    'event.kind': derived('alert in category Security, else event', (record) =>
      isAlert(record) ? 'alert' : 'event',
    ),
    'event.category': derived('properties.eventCategory, else category', category),
    'event.type': mapped(text('operationName'), 'verb', actionType),
    'event.outcome': derived(
      'resultType: Success and Failure; Start and Accept tell no outcome yet',
      outcome,
    ),
    'event.code': text('resultSignature'),
    'event.reason': first(text('resultDescription'), text('properties.statusMessage')),
    'event.provider': folded(mapped(text('operationName'), 'first segment', (name) => name.split('/', 1)[0])),
    'user.name': folded(first(caller.name, text('caller'), text('properties.caller'))),
    'user.email': folded(first(caller.name, text('caller'))),
    'user.id': first(caller.id, text('identity.authorization.evidence.principalId')),
    'user.full_name': caller.fullName,
    'source.ip': first(ip('callerIpAddress'), ip('identity.claims.ipaddr')),
    'source.port': port('callerIpAddress'),
    'source.address': first(text('callerIpAddress'), caller.ip),
    'cloud.service.name': providerAndType('operationName'),
    'http.request.method': text('httpRequest.method'),
    'url.original': text('httpRequest.uri'),
    'azure.app.id': caller.app,
    'azure.activitylogs.event_category': first(text('properties.eventCategory'), text('category')),
    'azure.activitylogs.event_name': text('properties.eventName'),
    'azure.activitylogs.operation_id': first(text('properties.operationId'), text('operationId')),
    'azure.activitylogs.status': folded(text('resultType')),
    'azure.activitylogs.sub_status': text('resultSignature'),
    'azure.activitylogs.role': text('identity.authorization.evidence.role'),
    'azure.activitylogs.principal_type': text('identity.authorization.evidence.principalType'),
    'azure.activitylogs.authorization.action': folded(text('identity.authorization.action')),
    'azure.activitylogs.authorization.scope': folded(text('identity.authorization.scope')),
    'rule.name': folded(
      derived('properties.eventName in category Security', (record) =>
        isAlert(record) ? textOf(eventNameAt(record)) : undefined,
      ),
    ),
    'azure.activitylogs.intent': derived('properties.intent, JSON text', (record) =>
      decoded(intentAt(record)),
    ),
    'azure.activitylogs.severity': text('properties.severity'),
    'azure.activitylogs.compromised_entity': text('properties.compromisedEntity'),
    'azure.activitylogs.request_body': requestBody,
    'azure.activitylogs.response_body': responseBody,
    'azure.activitylogs.request.role_definition_id': requested('roleDefinitionId', lastSegment),
    'azure.activitylogs.request.principal_id': requested('principalId', textOf),
    'azure.activitylogs.request.principal_type': requested('principalType', textOf),
  },
})

function providerAndType(path: string): Row {
  return folded(mapped(text(path), 'provider and type', (name) => name.split('/').slice(0, 2).join('/')))
}

const eventCategoryAt = reach('properties.eventCategory')
const eventNameAt = reach('properties.eventName')
const intentAt = reach('properties.intent')

/** Defender for Cloud's alerts stand in the activity log, too. */
function isAlert(record: JsonObject): boolean {
  return (textOf(eventCategoryAt(record)) ?? textOf(record.category))?.toLowerCase() === 'security'
}

const CATEGORIES: ReadonlyMap<string, readonly string[]> = new Map([
  ['administrative', ['configuration']],
  ['policy', ['configuration']],
  ['security', ['intrusion_detection']],
  ['servicehealth', ['host']],
  ['resourcehealth', ['host']],
])

/** Role assignments and definitions are of identity and access, the rest is by the log's own category. */
function category(record: JsonObject): readonly string[] {
  if (/^microsoft\.authorization\/role/i.test(textOf(record.operationName) ?? '')) return ['iam']
  const name = textOf(eventCategoryAt(record)) ?? textOf(record.category) ?? ''
  return CATEGORIES.get(name.toLowerCase()) ?? ['configuration']
}

const OUTCOMES: ReadonlyMap<string, string> = new Map([
  ['success', 'success'],
  ['succeeded', 'success'],
  ['failure', 'failure'],
  ['failed', 'failure'],
])

function outcome(record: JsonObject): string {
  return OUTCOMES.get((textOf(record.resultType) ?? '').toLowerCase()) ?? 'unknown'
}

/** A member of `properties` in the request's JSON text, whatever the case in which the client wrote it. */
function requested(name: string, of: (value: JsonValue | undefined) => string | undefined): Row {
  return derived(`properties.requestbody, JSON text: properties.${name}`, (record) => {
    const request = parsed(requestBody.read(record))
    const inner = isObject(request) ? (anyCase(request, 'properties') ?? request) : undefined
    return isObject(inner) ? of(anyCase(inner, name)) : undefined
  })
}

function parsed(value: unknown): JsonValue | undefined {
  if (typeof value !== 'string') return undefined
  try {
    return JSON.parse(value) as JsonValue
  } catch {
    return undefined
  }
}

function anyCase(object: JsonObject, name: string): JsonValue | undefined {
  const lower = name.toLowerCase()
  const key = Object.keys(object).find((each) => each.toLowerCase() === lower)
  return key === undefined ? undefined : object[key]
}

function lastSegment(value: JsonValue | undefined): string | undefined {
  return textOf(value)?.split('/').at(-1)?.toLowerCase()
}
