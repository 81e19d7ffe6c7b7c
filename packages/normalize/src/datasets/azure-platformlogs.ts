import type { JsonObject } from '@weir/model'
import { actionType } from '../action-type.ts'
import { allMembers } from '../all-members.ts'
import { claims } from '../claims.ts'
import { ENVELOPE, envelopeTime } from '../envelope.ts'
import { parseTime } from '../parse-time.ts'
import { derived, first, folded, ip, mapped, number, numberOf, port, reach, text, textOf } from '../read.ts'
import { dataset, MINUTE_MS } from '../table.ts'

const caller = claims(['identity', 'claims'])
const holder = claims(['identity', 'claim'])

/** Every other Azure category: the common envelope, and the names that many services share within `properties`. */
export const AZURE_PLATFORMLOGS = dataset({
  name: 'azure.platformlogs',
  latenessMs: 30 * MINUTE_MS,
  time: (record) => envelopeTime(record) ?? parseTime(timeAt(record)),
  columns: allMembers,
  rows: {
    ...ENVELOPE,
    'event.action': folded(first(text('operationName'), text('properties.operationName'))),
    'event.type': mapped(text('operationName'), 'verb', actionType),
    'event.outcome': derived('resultType, else resultSignature or an HTTP status', outcome),
    'event.code': first(text('resultSignature'), text('properties.ruleId')),
    'event.reason': first(
      text('resultDescription'),
      text('properties.details.msg'),
      text('properties.message'),
    ),
    'event.provider': text('category'),
    'user.name': folded(
      first(
        text('properties.userPrincipalName'),
        text('properties.UserPrincipalName'),
        caller.name,
        holder.name,
        text('properties.userName'),
        text('properties.UserName'),
        text('properties.user'),
        text('identity'),
      ),
    ),
    'user.id': first(
      text('properties.userId'),
      text('properties.UserPrincipalObjectID'),
      caller.id,
      holder.id,
    ),
    'user.email': folded(text('properties.userPrincipalName')),
    'user.full_name': text('properties.userDisplayName'),
    'source.ip': first(
      ip('callerIpAddress'),
      ip('properties.ipAddress'),
      ip('properties.clientIP'),
      ip('properties.clientIp'),
      ip('properties.SourceIp'),
      ip('properties.client_ip'),
      ip('properties.IPAddress'),
      ip('properties.ip'),
    ),
    'source.port': first(
      port('callerIpAddress'),
      number('properties.clientPort'),
      number('properties.SourcePort'),
    ),
    'source.address': first(
      text('callerIpAddress'),
      text('properties.ipAddress'),
      text('properties.clientIP'),
      text('properties.clientIp'),
      text('properties.SourceIp'),
    ),
    'source.geo.country_iso_code': text('properties.location.countryOrRegion'),
    'source.geo.city_name': text('properties.location.city'),
    'destination.ip': first(ip('properties.DestinationIp'), ip('properties.RemoteIP')),
    'destination.port': first(number('properties.DestinationPort'), number('properties.RemotePort')),
    'destination.address': first(
      text('properties.DestinationIp'),
      text('properties.Fqdn'),
      text('properties.host'),
    ),
    'network.transport': folded(text('properties.Protocol')),
    'rule.name': first(text('properties.Rule'), text('properties.ruleName'), text('properties.ruleId')),
    'user_agent.original': first(text('properties.userAgent'), text('properties.UserAgent')),
    'url.original': first(
      text('properties.requestUri'),
      text('properties.TargetUrl'),
      text('properties.RequestUri'),
    ),
    'http.request.method': first(text('properties.requestMethod'), text('properties.httpMethod')),
    'http.response.status_code': first(
      number('properties.responseStatusCode'),
      number('properties.httpStatus'),
    ),
    'host.name': folded(
      first(text('properties.DeviceHostName'), text('properties.DeviceName'), text('properties.host_name')),
    ),
    'azure.app.id': first(text('properties.appId'), caller.app),
    'azure.service_principal.id': text('properties.servicePrincipalId'),
    'azure.platformlogs.action': folded(first(text('properties.Action'), text('properties.action'))),
    'azure.platformlogs.message': first(text('properties.msg'), text('properties.log')),
  },
})

const timeAt = reach('properties.activityDateTime')
const statusAt = first(
  number('properties.responseStatusCode'),
  number('properties.httpStatus'),
  number('resultSignature'),
)

const SUCCESS = /^(?:0|success|succeeded|ok|accepted|completed)$/i
const FAILURE = /^(?:failure|failed|error|denied|unauthorized|forbidden|clienterror|servererror)$/i

function outcome(record: JsonObject): string {
  const type = textOf(record.resultType)
  if (type !== undefined && SUCCESS.test(type)) return 'success'
  if (type !== undefined && (FAILURE.test(type) || (numberOf(type) ?? 0) > 0)) return 'failure'
  const status = statusAt.read(record)
  if (typeof status === 'number' && status >= 100) return status < 400 ? 'success' : 'failure'
  return 'unknown'
}
