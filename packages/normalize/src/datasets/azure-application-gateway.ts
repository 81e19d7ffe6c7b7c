import type { JsonObject } from '@weir/model'
import { ENVELOPE, envelopeColumns, envelopeTime } from '../envelope.ts'
import { derived, first, folded, ip, number, numberOf, port, reach, text, textOf } from '../read.ts'
import { dataset, MINUTE_MS } from '../table.ts'

/** Application Gateway: requests, and what its web application firewall found in them. */
export const AZURE_APPLICATION_GATEWAY = dataset({
  name: 'azure.application_gateway',
  latenessMs: 30 * MINUTE_MS,
  time: envelopeTime,
  columns: (record) => [...envelopeColumns(record), record.category, record.properties],
  rows: {
    ...ENVELOPE,
    'event.action': folded(first(text('properties.action'), text('operationName'))),
    'event.category': derived('web; intrusion_detection too for the firewall', (record) =>
      isFirewall(record) ? ['web', 'intrusion_detection'] : ['web'],
    ),
    'event.type': derived('properties.action for the firewall, else access', types),
    'event.outcome': derived(
      'properties.httpStatus: failure from 400; the firewall: failure where blocked, success where allowed',
      outcome,
    ),
    'event.provider': text('category'),
    'event.code': first(text('properties.ruleId'), text('properties.httpStatus')),
    'event.reason': first(
      text('properties.message'),
      text('properties.Message'),
      text('properties.details.message'),
      text('properties.error_info'),
    ),
    'source.ip': first(ip('properties.clientIP'), ip('properties.clientIp')),
    'source.port': first(number('properties.clientPort'), port('properties.clientIP')),
    'source.address': first(text('properties.clientIP'), text('properties.clientIp')),
    'source.bytes': number('properties.receivedBytes'),
    'destination.bytes': number('properties.sentBytes'),
    'destination.ip': ip('properties.serverRouted'),
    'destination.port': port('properties.serverRouted'),
    'destination.address': text('properties.serverRouted'),
    'http.request.method': text('properties.httpMethod'),
    'http.response.status_code': number('properties.httpStatus'),
    'http.version': text('properties.httpVersion'),
    'url.original': first(text('properties.originalRequestUriWithArgs'), text('properties.requestUri')),
    'url.path': text('properties.requestUri'),
    'url.query': text('properties.requestQuery'),
    'url.domain': folded(
      first(text('properties.originalHost'), text('properties.host'), text('properties.hostname')),
    ),
    'user_agent.original': text('properties.userAgent'),
    'tls.cipher': text('properties.sslCipher'),
    'tls.version': text('properties.sslProtocol'),
    'rule.id': text('properties.ruleId'),
    'rule.category': text('properties.ruleGroup'),
    'rule.ruleset': text('properties.ruleSetType'),
    'rule.version': text('properties.ruleSetVersion'),
    'rule.name': text('ruleName'),
    'azure.application_gateway.action': folded(text('properties.action')),
    'azure.application_gateway.transaction_id': text('properties.transactionId'),
    'azure.application_gateway.instance_id': text('properties.instanceId'),
    'azure.application_gateway.server_status': number('properties.serverStatus'),
    'azure.application_gateway.backend_pool': text('backendPoolName'),
    'azure.application_gateway.listener': text('listenerName'),
    'azure.application_gateway.policy.id': folded(text('properties.policyId')),
    'azure.application_gateway.policy.scope': text('properties.policyScope'),
    'azure.application_gateway.policy.scope_name': text('properties.policyScopeName'),
    'azure.application_gateway.site': text('properties.site'),
    'azure.application_gateway.details.message': text('properties.details.message'),
    'azure.application_gateway.details.data': text('properties.details.data'),
  },
})

const actionAt = reach('properties.action')
const statusAt = reach('properties.httpStatus')

function isFirewall(record: JsonObject): boolean {
  return textOf(record.category)?.toLowerCase() === 'applicationgatewayfirewalllog'
}

function types(record: JsonObject): readonly string[] {
  const action = textOf(actionAt(record))?.toLowerCase()
  if (action === 'blocked') return ['access', 'denied']
  return action === 'allowed' ? ['access', 'allowed'] : ['access']
}

/** A rule that matched or was only detected says nothing of what became of the request. */
function outcome(record: JsonObject): string {
  if (isFirewall(record)) {
    const [, decision] = types(record)
    return decision === 'denied' ? 'failure' : decision === 'allowed' ? 'success' : 'unknown'
  }
  const status = numberOf(statusAt(record))
  return status === undefined ? 'unknown' : status < 400 ? 'success' : 'failure'
}
