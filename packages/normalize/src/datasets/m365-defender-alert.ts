import { isObject, type JsonObject, type JsonValue } from '@weir/model'
import { ipOf } from '../address.ts'
import { objects } from '../objects.ts'
import { parseTime } from '../parse-time.ts'
import { constant, derived, first, folded, list, mapped, type Row, reach, text, textOf } from '../read.ts'
import { dataset, HOUR_MS } from '../table.ts'

/**
 * Security alerts as Graph gives them (alerts_v2): what the Defender products, Entra ID Protection and Purview
 * found. An alert comes again with each change of it; who and what it is about stands in its evidence.
 */
export const M365_DEFENDER_ALERT = dataset({
  name: 'm365_defender.alert',
  latenessMs: 24 * HOUR_MS,
  time: (record) => parseTime(record.createdDateTime),
  id: (record) => textOf(record.id),
  state: (record) =>
    [record.lastUpdateDateTime, record.status, record.severity].map((each) => textOf(each) ?? '').join('.'),
  columns: (record) => [record.createdDateTime, record.title, record.providerAlertId, record.evidence],
  rows: {
    'cloud.provider': constant('azure'),
    'cloud.service.name': text('serviceSource'),
    'azure.tenant_id': folded(text('tenantId')),
    'event.kind': constant('alert'),
    'event.action': folded(text('title')),
    'event.category': derived(
      'malware where category is Malware or Ransomware, else intrusion_detection',
      kindOf,
    ),
    'event.type': constant(['indicator']),
    'event.provider': text('serviceSource'),
    'event.code': text('detectorId'),
    'event.reason': text('description'),
    'event.url': text('alertWebUrl'),
    'event.start': text('firstActivityDateTime'),
    'event.end': text('lastActivityDateTime'),
    'rule.name': folded(text('title')),
    'rule.id': text('alertPolicyId'),
    'rule.description': text('description'),
    'threat.technique.id': list('mitreTechniques'),
    'threat.tactic.name': text('category'),
    'threat.group.name': text('actorDisplayName'),
    'threat.software.name': first(text('threatFamilyName'), text('threatDisplayName')),
    'user.name': folded(
      first(account('userPrincipalName'), account('accountName'), mailbox('upn', 'primaryAddress')),
    ),
    'user.id': first(account('azureAdUserId'), account('userSid')),
    'user.email': folded(first(account('userPrincipalName'), mailbox('primaryAddress'))),
    'user.domain': folded(account('domainName')),
    'user.full_name': first(account('displayName'), mailbox('displayName')),
    'host.name': folded(found('device', 'deviceDnsName', 'hostName')),
    'host.id': found('device', 'mdeDeviceId', 'azureAdDeviceId'),
    'host.os.full': found('device', 'osPlatform'),
    'source.ip': mapped(found('ip', 'ipAddress'), 'address', ipOf),
    'source.address': found('ip', 'ipAddress'),
    'source.geo.country_iso_code': found('ip', 'countryLetterCode'),
    'file.name': file('fileName'),
    'file.path': file('filePath'),
    'file.hash.sha1': folded(file('sha1')),
    'file.hash.sha256': folded(file('sha256')),
    'process.command_line': found('process', 'processCommandLine'),
    'process.pid': derived('processId of the first processEvidence', processId),
    'process.name': folded(image('fileName')),
    'process.hash.sha256': folded(image('sha256')),
    'registry.key': found('registryKey', 'registryKey'),
    'url.original': found('url', 'url'),
    'email.subject': found('analyzedMessage', 'subject'),
    'email.message_id': found('analyzedMessage', 'internetMessageId'),
    'email.local_id': found('analyzedMessage', 'networkMessageId'),
    'email.sender.address': folded(
      derived('p2Sender or p1Sender of the first analyzedMessageEvidence', sender),
    ),
    'email.to.address': folded(found('analyzedMessage', 'recipientEmailAddress')),
    'azure.app.id': found('cloudApplication', 'appId'),
    'azure.app.name': found('cloudApplication', 'displayName'),
    'azure.resource.id': folded(found('azureResource', 'resourceId')),
    'm365_defender.alert.provider_id': text('providerAlertId'),
    'm365_defender.alert.incident_id': text('incidentId'),
    'm365_defender.alert.incident_url': text('incidentWebUrl'),
    'm365_defender.alert.severity': folded(text('severity')),
    'm365_defender.alert.status': folded(text('status')),
    'm365_defender.alert.category': text('category'),
    'm365_defender.alert.classification': folded(text('classification')),
    'm365_defender.alert.determination': folded(text('determination')),
    'm365_defender.alert.detection_source': folded(text('detectionSource')),
    'm365_defender.alert.product_name': text('productName'),
    'm365_defender.alert.assigned_to': folded(text('assignedTo')),
    'm365_defender.alert.actor': text('actorDisplayName'),
    'm365_defender.alert.threat': text('threatDisplayName'),
    'm365_defender.alert.recommended_actions': text('recommendedActions'),
    'm365_defender.alert.last_update': text('lastUpdateDateTime'),
    'm365_defender.alert.resolved': text('resolvedDateTime'),
    'm365_defender.alert.system_tags': list('systemTags'),
    'm365_defender.alert.evidence.count': derived(
      'number of evidence',
      (record) => objects(evidenceAt(record)).length,
    ),
    'm365_defender.alert.evidence.types': derived('@odata.type of all evidence, shortened', types),
    'm365_defender.alert.evidence.users': every('userAccount.userPrincipalName of all evidence', userName),
    'm365_defender.alert.evidence.hosts': every('deviceDnsName of all evidence', (one) =>
      textOf(one.deviceDnsName),
    ),
    'm365_defender.alert.evidence.ips': every('ipAddress of all evidence', (one) => textOf(one.ipAddress)),
    'm365_defender.alert.evidence.hashes': every('fileDetails.sha256 of all evidence', sha256),
    'm365_defender.alert.evidence.verdicts': every('verdict of all evidence', (one) => textOf(one.verdict)),
  },
})

const evidenceAt = reach('evidence')
const nameAt = reach('userAccount.userPrincipalName')
const hashAt = reach('fileDetails.sha256')

/** `#microsoft.graph.security.userEvidence` is `user`. */
function typeOf(evidence: JsonObject): string {
  const type = textOf(evidence['@odata.type'])?.split('.').at(-1) ?? ''
  return type.replace(/Evidence$/, '')
}

function ofType(record: JsonObject, type: string): readonly JsonObject[] {
  return objects(evidenceAt(record)).filter((each) => typeOf(each) === type)
}

/** The first evidence of a type that has one of these members. */
function found(type: string, ...keys: readonly string[]): Row {
  const from = `${keys.join(', else ')} of the first ${type}Evidence`
  return derived(from, (record) => firstText(ofType(record, type), keys))
}

/** Of the users that the alert is about, else of any other account in its evidence. */
function account(key: string): Row {
  return derived(`userAccount.${key} of the first userEvidence, else of any evidence`, (record) => {
    const all = [...ofType(record, 'user'), ...objects(evidenceAt(record))]
    return firstText(all.map(({ userAccount }) => userAccount).filter(isObject), [key])
  })
}

function mailbox(...keys: readonly string[]): Row {
  return found('mailbox', ...keys)
}

function file(key: string): Row {
  return below('file', 'fileDetails', key)
}

function image(key: string): Row {
  return below('process', 'imageFile', key)
}

function below(type: string, member: string, key: string): Row {
  return derived(`${member}.${key} of the first ${type}Evidence`, (record) =>
    firstText(
      ofType(record, type)
        .map((each) => each[member])
        .filter(isObject),
      [key],
    ),
  )
}

function firstText(objects: readonly JsonObject[], keys: readonly string[]): string | undefined {
  for (const each of objects)
    for (const key of keys) {
      const value = textOf(each[key])
      if (value !== undefined) return value
    }
  return undefined
}

/** What all evidence has, each once. */
function every(from: string, of: (evidence: JsonObject) => string | undefined): Row {
  return derived(from, (record) => {
    const values = new Set(objects(evidenceAt(record)).flatMap((each) => of(each) ?? []))
    return values.size === 0 ? undefined : [...values]
  })
}

function userName(evidence: JsonObject): string | undefined {
  return textOf(nameAt(evidence))
}

function sha256(evidence: JsonObject): string | undefined {
  return textOf(hashAt(evidence))
}

function types(record: JsonObject): readonly string[] | undefined {
  const all = new Set(objects(evidenceAt(record)).map(typeOf))
  return all.size === 0 ? undefined : [...all]
}

function processId(record: JsonObject): number | undefined {
  const id: JsonValue | undefined = ofType(record, 'process')[0]?.processId
  return typeof id === 'number' ? id : undefined
}

function sender(record: JsonObject): string | undefined {
  for (const each of ofType(record, 'analyzedMessage'))
    for (const one of [each.p2Sender, each.p1Sender]) {
      const address = isObject(one) ? textOf(one.emailAddress) : undefined
      if (address !== undefined) return address
    }
  return undefined
}

const MALWARE: readonly string[] = ['malware']
const INTRUSION: readonly string[] = ['intrusion_detection']

function kindOf(record: JsonObject): readonly string[] {
  return /^(?:malware|ransomware)$/i.test(textOf(record.category) ?? '') ? MALWARE : INTRUSION
}
