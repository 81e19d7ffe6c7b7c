import type { JsonObject } from '@weir/model'
import { ENVELOPE, envelopeTime } from '../envelope.ts'
import { parseTime } from '../parse-time.ts'
import { constant, derived, first, folded, ip, mapped, number, port, reach, text, textOf } from '../read.ts'
import { dataset, MINUTE_MS } from '../table.ts'

const uri = text('properties.requestUri')
const status = first(number('properties.responseStatusCode'), number('resultSignature'))

/** Calls of Microsoft Graph, and of the older Azure AD Graph. */
export const AZURE_GRAPHACTIVITYLOGS = dataset({
  name: 'azure.graphactivitylogs',
  latenessMs: 30 * MINUTE_MS,
  time: (record) => envelopeTime(record) ?? parseTime(generatedAt(record)),
  id: (record) => textOf(requestAt(record)),
  columns: (record) => [record.time, record.category, record.correlationId, record.properties],
  rows: {
    ...ENVELOPE,
    'event.category': constant(['web', 'api']),
    'event.type': derived('properties.requestMethod', (record) =>
      methodAt(record) === 'GET' || methodAt(record) === 'HEAD' ? ['access'] : ['change'],
    ),
    'event.outcome': derived('properties.responseStatusCode, else resultSignature', outcome),
    'event.code': first(text('properties.responseStatusCode'), text('resultSignature')),
    'event.provider': text('category'),
    'user.id': text('properties.userId'),
    'source.ip': first(ip('properties.ipAddress'), ip('callerIpAddress')),
    'source.port': first(port('properties.ipAddress'), port('callerIpAddress')),
    'source.address': first(text('properties.ipAddress'), text('callerIpAddress')),
    'user_agent.original': text('properties.userAgent'),
    'http.request.method': text('properties.requestMethod'),
    'http.response.status_code': status,
    'http.response.bytes': number('properties.responseSizeBytes'),
    'url.original': uri,
    'url.path': folded(mapped(uri, 'path', pathOf)),
    'azure.app.id': text('properties.appId'),
    'azure.service_principal.id': text('properties.servicePrincipalId'),
    'azure.graphactivitylogs.api_version': text('properties.apiVersion'),
    'azure.graphactivitylogs.scopes': text('properties.scopes'),
    'azure.graphactivitylogs.roles': text('properties.roles'),
    'azure.graphactivitylogs.wids': text('properties.wids'),
    'azure.graphactivitylogs.client_auth_method': text('properties.clientAuthMethod'),
    'azure.graphactivitylogs.identity_provider': text('properties.identityProvider'),
    'azure.graphactivitylogs.signin_activity_id': text('properties.signInActivityId'),
    'azure.graphactivitylogs.session_id': first(text('properties.sessionId'), text('properties.c_Sid')),
    'azure.graphactivitylogs.device_id': first(text('properties.deviceId'), text('properties.C_DeviceId')),
  },
})

const generatedAt = reach('properties.timeGenerated')
const requestAt = reach('properties.requestId')
const methodAt = reach('properties.requestMethod')

function outcome(record: JsonObject): string {
  const code = status.read(record)
  if (typeof code !== 'number') return 'unknown'
  return code < 400 ? 'success' : 'failure'
}

/** `/v1.0/users`, whether the whole address stands there or its path alone. */
function pathOf(text: string): string | undefined {
  const path = /^(?:https?:\/\/[^/?#]*)?([^?#]*)/i.exec(text)?.[1]
  return path === '' ? undefined : path
}
