import type { JsonObject } from '@weir/model'
import { ENVELOPE, envelopeColumns, envelopeTime } from '../envelope.ts'
import { parseTime } from '../parse-time.ts'
import { constant, derived, first, folded, ip, number, reach, text, textOf } from '../read.ts'
import { dataset, MINUTE_MS } from '../table.ts'

/** Traffic through Global Secure Access. */
export const AZURE_NETWORKACCESS = dataset({
  name: 'azure.networkaccess',
  latenessMs: 30 * MINUTE_MS,
  time: (record) => parseTime(createdAt(record)) ?? envelopeTime(record),
  id: (record) => textOf(transactionAt(record)),
  columns: (record) => [...envelopeColumns(record), record.properties],
  rows: {
    ...ENVELOPE,
    'event.action': folded(first(text('properties.action'), text('operationName'))),
    'event.category': constant(['network', 'web']),
    'event.type': derived('properties.action', types),
    'event.outcome': derived('properties.action: failure where blocked, success where allowed', outcome),
    'event.provider': text('category'),
    'user.name': folded(text('properties.userPrincipalName')),
    'user.email': folded(text('properties.userPrincipalName')),
    'user.id': text('properties.userId'),
    'source.ip': first(ip('properties.sourceIp'), ip('properties.sourceIP'), ip('callerIpAddress')),
    'source.port': number('properties.sourcePort'),
    'source.address': first(text('properties.sourceIp'), text('properties.sourceIP')),
    'source.bytes': number('properties.sentBytes'),
    'destination.ip': first(ip('properties.destinationIp'), ip('properties.destinationIP')),
    'destination.port': number('properties.destinationPort'),
    'destination.bytes': number('properties.receivedBytes'),
    'destination.domain': folded(
      first(text('properties.destinationFqdn'), text('properties.destinationFQDN')),
    ),
    'network.transport': folded(text('properties.transportProtocol')),
    'network.protocol': folded(text('properties.networkProtocol')),
    'url.original': text('properties.destinationUrl'),
    'http.request.referrer': text('properties.referrerHeader'),
    'host.id': text('properties.deviceId'),
    'host.os.full': first(
      text('properties.deviceOperatingSystem'),
      text('properties.deviceOperatingSystemVersion'),
    ),
    'process.name': folded(text('properties.initiatingProcessName')),
    'rule.id': first(text('properties.policyRuleId'), text('properties.ruleId')),
    'rule.name': first(text('properties.policyRuleName'), text('properties.ruleName')),
    'rule.ruleset': text('properties.policyName'),
    'azure.networkaccess.traffic_type': folded(text('properties.trafficType')),
    'azure.networkaccess.threat_type': folded(text('properties.threatType')),
    'azure.networkaccess.connection_id': text('properties.connectionId'),
    'azure.networkaccess.session_id': text('properties.sessionId'),
    'azure.networkaccess.device_category': folded(text('properties.deviceCategory')),
    'azure.networkaccess.filtering_profile': text('properties.filteringProfileName'),
    'azure.networkaccess.agent_version': text('properties.agentVersion'),
  },
})

const createdAt = reach('properties.createdDateTime')
const transactionAt = reach('properties.transactionId')
const actionAt = reach('properties.action')

function types(record: JsonObject): readonly string[] {
  const action = textOf(actionAt(record))?.toLowerCase()
  if (action === 'block' || action === 'deny') return ['connection', 'denied']
  return action === 'allow' ? ['connection', 'allowed'] : ['connection']
}

function outcome(record: JsonObject): string {
  const [, decision] = types(record)
  return decision === 'denied' ? 'failure' : decision === 'allowed' ? 'success' : 'unknown'
}
