import { actionType } from '../action-type.ts'
import { envelopeTime } from '../envelope.ts'
import { categoryOf, isInbound, loggedOn, outcomeOf, startsProcess, tableOf, textsOf } from '../hunting.ts'
import { parseTime } from '../parse-time.ts'
import {
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
} from '../read.ts'
import { dataset, HOUR_MS } from '../table.ts'

const of = (column: string) => text(`properties.${column}`)
const addressOf = (column: string) => ip(`properties.${column}`)
const portOf = (column: string) => number(`properties.${column}`)

/** Which end of a connection is the source: the other one where it came in. */
function end(words: string, inbound: Row, outbound: Row): Row {
  return derived(`${words}: ${inbound.from} where inbound, else ${outbound.from}`, (record) =>
    (isInbound(record) ? inbound : outbound).read(record),
  )
}

/** In tables of started processes the row is the new process, and the initiating one its parent. */
function started(own: Row, other?: Row): Row {
  const from = `${own.from} where a process was started${other === undefined ? '' : `, else ${other.from}`}`
  return derived(from, (record) => (startsProcess(record) ? own : other)?.read(record))
}

/**
 * Defender XDR's streamed hunting tables: a row's event happened when its Timestamp says; the envelope's time is
 * when it was sent. Columns keep the names that hunting has for them.
 */
export const M365_DEFENDER_EVENT = dataset({
  name: 'm365_defender.event',
  latenessMs: 2 * HOUR_MS,
  time: (record) => parseTime(timestampAt(record)) ?? envelopeTime(record),
  columns: (record) => [record.category, record.properties],
  rows: {
    'cloud.provider': constant('azure'),
    'azure.category': text('category'),
    'azure.tenant_id': folded(text('tenantId')),
    'event.kind': derived('alert in AlertInfo and AlertEvidence, else event', (record) =>
      tableOf(record).startsWith('Alert') ? 'alert' : 'event',
    ),
    'event.action': folded(
      first(of('ActionType'), of('DeliveryAction'), of('OperationName'), derived('the table', tableOf)),
    ),
    'event.category': derived('the table', categoryOf),
    'event.type': mapped(of('ActionType'), 'verb', actionType),
    'event.outcome': derived('properties.ActionType: success or failure, where it tells', outcomeOf),
    'event.provider': first(of('ServiceSource'), of('Application'), derived('the table', tableOf)),
    'event.reason': first(of('FailureReason'), of('Title'), of('DetectionMethods')),
    'event.code': of('ReportId'),
    'rule.name': folded(of('Title')),
    'threat.technique.name': textsOf('AttackTechniques'),
    'user.name': folded(
      first(
        of('AccountUpn'),
        of('AccountName'),
        derived('first of properties.LoggedOnUsers', (record) => loggedOn(record)?.name),
        of('InitiatingProcessAccountUpn'),
        of('InitiatingProcessAccountName'),
        of('AccountDisplayName'),
      ),
    ),
    'user.id': first(
      of('AccountObjectId'),
      of('AccountSid'),
      derived('first of properties.LoggedOnUsers', (record) => loggedOn(record)?.id),
      of('InitiatingProcessAccountObjectId'),
      of('InitiatingProcessAccountSid'),
      of('AccountId'),
    ),
    'user.email': folded(first(of('AccountUpn'), of('InitiatingProcessAccountUpn'))),
    'user.domain': folded(first(of('AccountDomain'), of('InitiatingProcessAccountDomain'))),
    'user.full_name': of('AccountDisplayName'),
    'user.target.name': folded(
      first(of('TargetAccountUpn'), of('TargetAccountDisplayName'), of('RecipientEmailAddress')),
    ),
    'host.name': folded(of('DeviceName')),
    'host.id': of('DeviceId'),
    'host.os.full': first(of('OSPlatform'), of('OSVersionInfo')),
    'host.ip': first(addressOf('PublicIP'), addressOf('LocalIP')),
    'source.ip': first(
      end('source', addressOf('RemoteIP'), addressOf('LocalIP')),
      addressOf('IPAddress'),
      addressOf('SenderIPv4'),
      addressOf('SenderIPv6'),
      addressOf('PublicIP'),
      addressOf('InitiatingProcessRemoteSessionIP'),
    ),
    'source.port': first(end('source', portOf('RemotePort'), portOf('LocalPort')), portOf('Port')),
    'source.address': first(
      end('source', of('RemoteIP'), of('LocalIP')),
      of('IPAddress'),
      of('SenderIPv4'),
      of('PublicIP'),
    ),
    'source.geo.country_iso_code': first(of('CountryCode'), of('Location')),
    'source.geo.city_name': of('City'),
    'destination.ip': first(
      end('destination', addressOf('LocalIP'), addressOf('RemoteIP')),
      addressOf('DestinationIPAddress'),
    ),
    'destination.port': first(
      end('destination', portOf('LocalPort'), portOf('RemotePort')),
      portOf('DestinationPort'),
    ),
    'destination.domain': folded(first(of('DestinationDeviceName'), of('TargetDeviceName'))),
    'network.transport': folded(of('Protocol')),
    'network.direction': derived('properties.ActionType', (record) =>
      isInbound(record) ? 'inbound' : undefined,
    ),
    'url.original': first(of('RemoteUrl'), of('Url'), of('FileOriginUrl')),
    'url.domain': folded(of('UrlDomain')),
    'file.name': of('FileName'),
    'file.path': of('FolderPath'),
    'file.size': number('properties.FileSize'),
    'file.hash.sha1': folded(of('SHA1')),
    'file.hash.sha256': folded(of('SHA256')),
    'file.hash.md5': folded(of('MD5')),
    'process.name': folded(started(of('FileName'), of('InitiatingProcessFileName'))),
    'process.pid': first(number('properties.ProcessId'), number('properties.InitiatingProcessId')),
    'process.command_line': first(of('ProcessCommandLine'), of('InitiatingProcessCommandLine')),
    'process.executable': started(of('FolderPath'), of('InitiatingProcessFolderPath')),
    'process.parent.name': folded(
      started(of('InitiatingProcessFileName'), of('InitiatingProcessParentFileName')),
    ),
    'process.parent.command_line': started(of('InitiatingProcessCommandLine')),
    'process.hash.sha256': folded(of('InitiatingProcessSHA256')),
    'registry.key': first(of('RegistryKey'), of('PreviousRegistryKey')),
    'registry.value': first(of('RegistryValueName'), of('PreviousRegistryValueName')),
    'registry.data.strings': of('RegistryValueData'),
    'user_agent.original': of('UserAgent'),
    'email.subject': of('Subject'),
    'email.message_id': of('InternetMessageId'),
    'email.local_id': of('NetworkMessageId'),
    'email.from.address': folded(first(of('SenderFromAddress'), of('SenderEmailAddress'))),
    'email.sender.address': folded(of('SenderMailFromAddress')),
    'email.to.address': folded(of('RecipientEmailAddress')),
    'email.direction': folded(of('EmailDirection')),
    'm365_defender.event.table': derived('the table in category', tableOf),
    'm365_defender.event.alert.id': of('AlertId'),
    'm365_defender.event.alert.severity': folded(of('Severity')),
    'm365_defender.event.alert.category': first(of('Category'), textsOf('Categories')),
    'm365_defender.event.alert.detection_source': of('DetectionSource'),
    'm365_defender.event.evidence.type': folded(of('EntityType')),
    'm365_defender.event.evidence.role': folded(of('EvidenceRole')),
    'm365_defender.event.logon_type': folded(of('LogonType')),
    'm365_defender.event.application': of('Application'),
    'm365_defender.event.object_name': of('ObjectName'),
    'm365_defender.event.query': of('Query'),
    'm365_defender.event.threat_types': of('ThreatTypes'),
    'm365_defender.event.delivery_location': of('DeliveryLocation'),
    'm365_defender.event.machine_group': of('MachineGroup'),
    'm365_defender.event.is_admin_operation': flag('properties.IsAdminOperation'),
    'm365_defender.event.is_local_admin': flag('properties.IsLocalAdmin'),
    'm365_defender.event.ip_tags': list('properties.IPTags'),
    'm365_defender.event.remote_device': folded(of('RemoteDeviceName')),
    'm365_defender.event.additional_fields': of('AdditionalFields'),
  },
})

const timestampAt = reach('properties.Timestamp')
