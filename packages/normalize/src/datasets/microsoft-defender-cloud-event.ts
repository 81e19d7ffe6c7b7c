import type { JsonObject, JsonValue } from '@weir/model'
import { ipOf } from '../address.ts'
import { decoded } from '../decoded.ts'
import { objects } from '../objects.ts'
import { parseTime } from '../parse-time.ts'
import {
  arm,
  constant,
  derived,
  first,
  flag,
  folded,
  ip,
  list,
  mapped,
  number,
  type Row,
  reach,
  text,
  textOf,
} from '../read.ts'
import { dataset, HOUR_MS } from '../table.ts'

const snapshot = first(flag('securityEventDataEnrichment.isSnapshot'), flag('IsSnapshot'))
const status = first(text('properties.status.code'), text('properties.status'), text('properties.state'))
const severity = first(
  text('properties.severity'),
  text('properties.metadata.severity'),
  text('properties.status.severity'),
)
const resource = first(
  text('properties.resourceDetails.id'),
  text('properties.azureResourceId'),
  text('properties.associatedResource'),
  text('resourceId'),
  mapped(text('id'), 'what is assessed, out', assessed),
)

/** Defender for Cloud by continuous export: alerts, recommendations with their findings, scores and compliance. */
export const MICROSOFT_DEFENDER_CLOUD_EVENT = dataset({
  name: 'microsoft_defender_cloud.event',
  latenessMs: 24 * HOUR_MS,
  time,
  id: (record) => textOf(alertIdAt(record)) ?? textOf(record.id) ?? textOf(record.name),
  state: (record) =>
    [status.read(record), changedAt(record), scoreAt(record), snapshot.read(record)]
      .map((each) =>
        typeof each === 'boolean' ? (each ? 'snapshot' : '') : (textOf(each as JsonValue) ?? ''),
      )
      .join('.'),
  columns: (record) => [record.id, record.type, record.properties],
  rows: {
    'cloud.provider': constant('azure'),
    'cloud.service.name': constant('defender for cloud'),
    'cloud.account.id': first(
      arm('properties.resourceDetails.id', 'subscription'),
      arm('id', 'subscription'),
      arm('resourceId', 'subscription'),
    ),
    'event.kind': derived('alert for alerts, else state', (record) => (isAlert(record) ? 'alert' : 'state')),
    'event.action': folded(
      first(
        text('properties.alertType'),
        text('securityEventDataEnrichment.action'),
        mapped(text('type'), 'last segment', lastOf),
      ),
    ),
    'event.category': derived('intrusion_detection for alerts, else configuration', (record) =>
      isAlert(record) ? ['intrusion_detection'] : ['configuration'],
    ),
    'event.type': derived('indicator for alerts, else info', (record) =>
      isAlert(record) ? ['indicator'] : ['info'],
    ),
    'event.provider': first(text('properties.productComponentName'), text('properties.productName')),
    'event.code': text('properties.alertType'),
    'event.reason': first(text('properties.description'), text('properties.status.cause')),
    'rule.name': folded(
      first(
        text('properties.alertDisplayName'),
        text('properties.displayName'),
        text('properties.metadata.displayName'),
      ),
    ),
    'rule.description': first(text('properties.description'), text('properties.metadata.description')),
    'user.name': folded(derived('name and suffix of the first account in properties.entities', account)),
    'user.id': entity('account', 'aadUserId', 'sid'),
    'source.ip': first(
      mapped(entity('ip', 'address'), 'address', ipOf),
      ip(['properties', 'extendedProperties', 'Client IP address']),
    ),
    'source.geo.country_iso_code': derived('location of the first ip in properties.entities', country),
    'host.name': folded(
      first(entity('host', 'hostName', 'netBiosName'), text('properties.compromisedEntity')),
    ),
    'process.command_line': entity('process', 'commandLine'),
    'file.name': entity('file', 'name'),
    'url.original': entity('url', 'url'),
    'azure.resource.id': folded(resource),
    'azure.resource.name': folded(mapped(resource, 'last segment', lastOf)),
    'azure.tenant_id': folded(text('tenantId')),
    'microsoft_defender_cloud.event.type': folded(text('type')),
    'microsoft_defender_cloud.event.alert_id': text('properties.systemAlertId'),
    'microsoft_defender_cloud.event.severity': folded(severity),
    'microsoft_defender_cloud.event.status': folded(status),
    'microsoft_defender_cloud.event.intent': derived('properties.intent', (record) =>
      decoded(intentAt(record)),
    ),
    'microsoft_defender_cloud.event.compromised_entity': text('properties.compromisedEntity'),
    'microsoft_defender_cloud.event.is_snapshot': snapshot,
    'microsoft_defender_cloud.event.score.current': first(
      number('properties.score.current'),
      number('properties.currentScore'),
    ),
    'microsoft_defender_cloud.event.score.max': first(
      number('properties.score.max'),
      number('properties.maxScore'),
    ),
    'microsoft_defender_cloud.event.score.percentage': number('properties.score.percentage'),
    'microsoft_defender_cloud.event.categories': list('properties.metadata.categories'),
    'microsoft_defender_cloud.event.unhealthy_resources': first(
      number('properties.unhealthyResourceCount'),
      number('properties.failedResources'),
    ),
  },
})

const alertIdAt = reach('properties.systemAlertId')
const changedAt = reach('properties.status.statusChangeDate')
const scoreAt = reach('properties.score.current')
const intentAt = reach('properties.intent')
const entitiesAt = reach('properties.entities')
const TIMES = ['timeGeneratedUtc', 'endTimeUtc', 'startTimeUtc', 'timeGenerated'].map((name) =>
  reach(`properties.${name}`),
)

/** A snapshot tells how it is when it is taken, whenever that came to be: its arrival counts. */
function time(record: JsonObject): number | undefined {
  for (const at of TIMES) {
    const told = parseTime(at(record))
    if (told !== undefined) return told
  }
  return snapshot.read(record) === true ? undefined : parseTime(changedAt(record))
}

function isAlert(record: JsonObject): boolean {
  return textOf(record.type)?.toLowerCase().endsWith('/alerts') === true
}

function entitiesOf(record: JsonObject, type: string): readonly JsonObject[] {
  return objects(entitiesAt(record)).filter((each) => textOf(each.type)?.toLowerCase() === type)
}

/** The first entity of a type that has one of these members. */
function entity(type: string, ...keys: readonly string[]): Row {
  return derived(`first ${type} in properties.entities: ${keys.join(', else ')}`, (record) => {
    for (const each of entitiesOf(record, type))
      for (const key of keys) {
        const value = textOf(each[key])
        if (value !== undefined) return value
      }
    return undefined
  })
}

function account(record: JsonObject): string | undefined {
  const [user] = entitiesOf(record, 'account').filter((each) => textOf(each.name) !== undefined)
  const suffix = textOf(user?.upnSuffix)
  return suffix === undefined ? textOf(user?.name) : `${textOf(user?.name)}@${suffix}`
}

function country(record: JsonObject): string | undefined {
  for (const each of entitiesOf(record, 'ip')) {
    const code = textOf((each.location as JsonObject | undefined)?.countryCode)
    if (code !== undefined) return code
  }
  return undefined
}

/** An assessment's id begins with that of the resource. */
function assessed(id: string): string | undefined {
  const at = id.toLowerCase().indexOf('/providers/microsoft.security/')
  return at <= 0 ? undefined : id.slice(0, at)
}

function lastOf(path: string): string | undefined {
  return path.split('/').at(-1) || undefined
}
