import type { JsonObject, JsonValue } from '@weir/model'
import { outcomeOfCode } from '../entra-outcome.ts'
import { ENVELOPE, envelopeTime } from '../envelope.ts'
import { parseTime } from '../parse-time.ts'
import {
  constant,
  derived,
  first,
  flag,
  folded,
  ip,
  list,
  number,
  numberOf,
  port,
  reach,
  text,
  textOf,
} from '../read.ts'
import { dataset, HOUR_MS } from '../table.ts'

/** Entra ID sign-ins: interactive, non-interactive, service principal and managed identity share one shape. */
export const AZURE_SIGNINLOGS = dataset({
  name: 'azure.signinlogs',
  latenessMs: 2 * HOUR_MS,
  time: (record) => parseTime(createdAt(record)) ?? envelopeTime(record),
  id: (record) => textOf(idAt(record)),
  state: (record) => `${errorCode(record) ?? ''}.${textOf(riskStateAt(record)) ?? ''}`,
  columns: (record) => [
    record.time,
    record.correlationId,
    record.resultType,
    record.callerIpAddress,
    record.properties,
  ],
  rows: {
    ...ENVELOPE,
    'event.category': constant(['authentication']),
    'event.type': constant(['start']),
    'event.provider': text('category'),
    'event.code': derived('properties.status.errorCode, else resultType', (record) =>
      errorCode(record)?.toString(),
    ),
    'event.outcome': derived(
      'properties.status.errorCode: 0 success; prompts on the way to a sign-in unknown; any other failure',
      (record) => outcomeOfCode(errorCode(record)),
    ),
    'event.reason': first(text('properties.status.failureReason'), text('resultDescription')),
    'user.name': folded(text('properties.userPrincipalName')),
    'user.email': folded(text('properties.userPrincipalName')),
    'user.id': text('properties.userId'),
    'user.full_name': text('properties.userDisplayName'),
    'source.ip': first(ip('properties.ipAddress'), ip('callerIpAddress')),
    'source.port': first(port('properties.ipAddress'), port('callerIpAddress')),
    'source.address': first(text('properties.ipAddress'), text('callerIpAddress')),
    'source.geo.country_iso_code': text('properties.location.countryOrRegion'),
    'source.geo.region_name': text('properties.location.state'),
    'source.geo.city_name': text('properties.location.city'),
    'source.geo.location.lat': number('properties.location.geoCoordinates.latitude'),
    'source.geo.location.lon': number('properties.location.geoCoordinates.longitude'),
    'source.as.number': number('properties.autonomousSystemNumber'),
    'user_agent.original': text('properties.userAgent'),
    'user_agent.name': text('properties.deviceDetail.browser'),
    'host.os.full': text('properties.deviceDetail.operatingSystem'),
    'host.id': text('properties.deviceDetail.deviceId'),
    'host.name': folded(text('properties.deviceDetail.displayName')),
    'cloud.service.name': text('properties.appDisplayName'),
    'azure.correlation_id': first(text('properties.correlationId'), text('correlationId')),
    'azure.app.id': text('properties.appId'),
    'azure.app.name': text('properties.appDisplayName'),
    'azure.service_principal.id': text('properties.servicePrincipalId'),
    'azure.service_principal.name': text('properties.servicePrincipalName'),
    'azure.service_principal.credential_type': text('properties.clientCredentialType'),
    'azure.signinlogs.error_code': derived('properties.status.errorCode, else resultType', errorCode),
    'azure.signinlogs.details': text('properties.status.additionalDetails'),
    'azure.signinlogs.is_interactive': flag('properties.isInteractive'),
    'azure.signinlogs.client_app': text('properties.clientAppUsed'),
    'azure.signinlogs.resource.id': text('properties.resourceId'),
    'azure.signinlogs.resource.name': text('properties.resourceDisplayName'),
    'azure.signinlogs.authentication_requirement': text('properties.authenticationRequirement'),
    'azure.signinlogs.authentication_protocol': text('properties.authenticationProtocol'),
    'azure.signinlogs.transfer_method': text('properties.originalTransferMethod'),
    'azure.signinlogs.conditional_access_status': text('properties.conditionalAccessStatus'),
    'azure.signinlogs.incoming_token_type': text('properties.incomingTokenType'),
    'azure.signinlogs.session_id': text('properties.sessionId'),
    'azure.signinlogs.token_id': text('properties.uniqueTokenIdentifier'),
    'azure.signinlogs.user_type': text('properties.userType'),
    'azure.signinlogs.home_tenant_id': text('properties.homeTenantId'),
    'azure.signinlogs.resource_tenant_id': text('properties.resourceTenantId'),
    'azure.signinlogs.cross_tenant_access_type': text('properties.crossTenantAccessType'),
    'azure.signinlogs.device.is_compliant': flag('properties.deviceDetail.isCompliant'),
    'azure.signinlogs.device.is_managed': flag('properties.deviceDetail.isManaged'),
    'azure.signinlogs.device.trust_type': text('properties.deviceDetail.trustType'),
    'azure.signinlogs.risk.during_signin': text('properties.riskLevelDuringSignIn'),
    'azure.signinlogs.risk.aggregated': text('properties.riskLevelAggregated'),
    'azure.signinlogs.risk.state': text('properties.riskState'),
    'azure.signinlogs.risk.detail': text('properties.riskDetail'),
    'azure.signinlogs.risk.event_types': first(
      list('properties.riskEventTypes_v2'),
      list('properties.riskEventTypes'),
    ),
  },
})

const createdAt = reach('properties.createdDateTime')
const idAt = reach('properties.id')
const codeAt = reach('properties.status.errorCode')
const riskStateAt = reach('properties.riskState')

function errorCode(record: JsonObject): number | undefined {
  return numberOf(codeAt(record) as JsonValue) ?? numberOf(record.resultType)
}
