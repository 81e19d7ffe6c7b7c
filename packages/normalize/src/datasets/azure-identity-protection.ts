import type { JsonObject } from '@weir/model'
import { ENVELOPE, envelopeTime } from '../envelope.ts'
import { parseTime } from '../parse-time.ts'
import { constant, derived, first, flag, folded, ip, port, type Row, reach, text, textOf } from '../read.ts'
import { dataset, HOUR_MS } from '../table.ts'

/** Entra ID Protection: detections of risk, and the users and service principals that are at risk. */
export const AZURE_IDENTITY_PROTECTION = dataset({
  name: 'azure.identity_protection',
  latenessMs: 24 * HOUR_MS,
  time: (record) => envelopeTime(record) ?? toldTime(record),
  id: (record) => textOf(idAt(record)),
  state: (record) =>
    [levelAt(record), stateAt(record), detailAt(record), updatedAt(record)]
      .map((each) => textOf(each) ?? '')
      .join('.'),
  columns: (record) => [record.time, record.category, record.correlationId, record.properties],
  rows: {
    ...ENVELOPE,
    'event.category': constant(['threat', 'iam']),
    'event.type': constant(['indicator']),
    'event.provider': text('category'),
    'event.code': first(text('properties.riskEventType'), text('properties.riskType')),
    'event.reason': first(
      text('properties.riskEventType'),
      text('properties.riskType'),
      text('properties.riskDetail'),
    ),
    'user.name': folded(text('properties.userPrincipalName')),
    'user.email': folded(text('properties.userPrincipalName')),
    'user.id': first(text('properties.userId'), idIn('RiskyUsers')),
    'user.full_name': text('properties.userDisplayName'),
    'source.ip': first(ip('properties.ipAddress'), ip('callerIpAddress')),
    'source.port': first(port('properties.ipAddress'), port('callerIpAddress')),
    'source.address': first(text('properties.ipAddress'), text('callerIpAddress')),
    'source.geo.country_iso_code': text('properties.location.countryOrRegion'),
    'source.geo.region_name': text('properties.location.state'),
    'source.geo.city_name': text('properties.location.city'),
    'azure.app.id': text('properties.appId'),
    'azure.service_principal.id': first(
      text('properties.servicePrincipalId'),
      idIn('RiskyServicePrincipals'),
    ),
    'azure.service_principal.name': first(
      text('properties.servicePrincipalDisplayName'),
      text('properties.displayName'),
    ),
    'azure.identity_protection.event_type': folded(
      first(text('properties.riskEventType'), text('properties.riskType')),
    ),
    'azure.identity_protection.level': folded(text('properties.riskLevel')),
    'azure.identity_protection.state': folded(text('properties.riskState')),
    'azure.identity_protection.detail': folded(text('properties.riskDetail')),
    'azure.identity_protection.activity': folded(text('properties.activity')),
    'azure.identity_protection.detection_timing': folded(text('properties.detectionTimingType')),
    'azure.identity_protection.source': folded(text('properties.source')),
    'azure.identity_protection.request_id': text('properties.requestId'),
    'azure.identity_protection.additional_info': text('properties.additionalInfo'),
    'azure.identity_protection.is_deleted': flag('properties.isDeleted'),
    'azure.identity_protection.is_guest': flag('properties.isGuest'),
  },
})

const idAt = reach('properties.id')
const levelAt = reach('properties.riskLevel')
const stateAt = reach('properties.riskState')
const detailAt = reach('properties.riskDetail')
const updatedAt = reach('properties.riskLastUpdatedDateTime')
const TOLD = ['lastUpdatedDateTime', 'riskLastUpdatedDateTime', 'detectedDateTime', 'activityDateTime'].map(
  (name) => reach(`properties.${name}`),
)

/** When the state was told, where the envelope has no time. */
function toldTime(record: JsonObject): number | undefined {
  for (const at of TOLD) {
    const time = parseTime(at(record))
    if (time !== undefined) return time
  }
  return undefined
}

/** In the two categories of who is at risk, the record's id is theirs. */
function idIn(category: string): Row {
  return derived(`properties.id in ${category}`, (record) =>
    textOf(record.category)?.toLowerCase() === category.toLowerCase() ? textOf(idAt(record)) : undefined,
  )
}
