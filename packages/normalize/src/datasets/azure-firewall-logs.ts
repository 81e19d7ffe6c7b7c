import type { JsonObject } from '@weir/model'
import { ENVELOPE, envelopeColumns, envelopeTime } from '../envelope.ts'
import { constant, derived, first, flag, folded, ip, number, reach, text, textOf } from '../read.ts'
import { dataset, MINUTE_MS } from '../table.ts'

/**
 * Azure Firewall: network, application and translation rules, threat intelligence, intrusion signatures and DNS.
 * A firewall that sends both its older sentences and structured records tells everything twice.
 */
export const AZURE_FIREWALL_LOGS = dataset({
  name: 'azure.firewall_logs',
  latenessMs: 30 * MINUTE_MS,
  time: envelopeTime,
  columns: (record) => [...envelopeColumns(record), record.category, record.properties],
  rows: {
    ...ENVELOPE,
    'event.action': folded(first(text('operationName'), text('category'))),
    'event.category': derived('intrusion_detection for signatures and threats, else network', category),
    'event.type': derived('properties.Action', types),
    'event.outcome': derived('properties.Action: success where allowed, failure where denied', outcome),
    'event.provider': text('category'),
    'event.code': first(text('properties.SignatureId'), text('properties.ResponseCode')),
    'event.reason': first(
      text('properties.ThreatDescription'),
      text('properties.Description'),
      text('properties.ActionReason'),
      text('properties.ErrorMessage'),
    ),
    'cloud.service.name': constant('azure firewall'),
    'source.ip': ip('properties.SourceIp'),
    'source.port': number('properties.SourcePort'),
    'source.address': text('properties.SourceIp'),
    'destination.ip': ip('properties.DestinationIp'),
    'destination.port': number('properties.DestinationPort'),
    'destination.address': first(text('properties.DestinationIp'), text('properties.Fqdn')),
    'destination.domain': folded(text('properties.Fqdn')),
    'destination.nat.ip': ip('properties.TranslatedIp'),
    'destination.nat.port': number('properties.TranslatedPort'),
    'network.transport': folded(text('properties.Protocol')),
    'url.original': first(text('properties.TargetUrl'), text('properties.Url')),
    'dns.question.name': folded(first(text('properties.QueryName'), text('properties.FQDN'))),
    'dns.question.type': text('properties.QueryType'),
    'dns.response_code': text('properties.ResponseCode'),
    'rule.name': text('properties.Rule'),
    'rule.ruleset': text('properties.Policy'),
    'rule.id': text('properties.SignatureId'),
    'rule.category': text('properties.Category'),
    'rule.description': text('properties.Description'),
    'threat.indicator.description': text('properties.ThreatDescription'),
    'azure.firewall_logs.action': folded(text('properties.Action')),
    'azure.firewall_logs.severity': number('properties.Severity'),
    'azure.firewall_logs.rule_collection': text('properties.RuleCollection'),
    'azure.firewall_logs.rule_collection_group': text('properties.RuleCollectionGroup'),
    'azure.firewall_logs.web_category': text('properties.WebCategory'),
    'azure.firewall_logs.is_tls_inspected': flag('properties.IsTlsInspected'),
    'azure.firewall_logs.message': text('properties.msg'),
  },
})

const actionAt = reach('properties.Action')
const signatureAt = reach('properties.SignatureId')
const threatAt = reach('properties.ThreatDescription')

const INTRUSION: readonly string[] = ['network', 'intrusion_detection']
const NETWORK: readonly string[] = ['network']

function category(record: JsonObject): readonly string[] {
  return (signatureAt(record) ?? threatAt(record)) === undefined ? NETWORK : INTRUSION
}

const ALLOWED = new Set(['allow', 'alert', 'dnat'])
const DENIED = new Set(['deny', 'drop', 'block'])

function types(record: JsonObject): readonly string[] {
  const action = textOf(actionAt(record))?.toLowerCase() ?? ''
  if (ALLOWED.has(action)) return ['connection', 'allowed']
  return DENIED.has(action) ? ['connection', 'denied'] : ['connection']
}

function outcome(record: JsonObject): string {
  const action = textOf(actionAt(record))?.toLowerCase() ?? ''
  return ALLOWED.has(action) ? 'success' : DENIED.has(action) ? 'failure' : 'unknown'
}
