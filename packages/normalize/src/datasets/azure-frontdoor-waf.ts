import type { JsonObject } from '@weir/model'
import { ENVELOPE, envelopeColumns, envelopeTime } from '../envelope.ts'
import { objects } from '../objects.ts'
import { constant, derived, first, folded, ip, mapped, number, reach, text, textOf } from '../read.ts'
import { dataset, MINUTE_MS } from '../table.ts'

/** Front Door's web application firewall, of Standard and Premium and of the classic one. */
export const AZURE_FRONTDOOR_WAF = dataset({
  name: 'azure.frontdoor_waf',
  latenessMs: 30 * MINUTE_MS,
  time: envelopeTime,
  columns: (record) => [...envelopeColumns(record), record.properties],
  rows: {
    ...ENVELOPE,
    'event.action': folded(first(text('properties.action'), text('operationName'))),
    'event.category': constant(['web', 'intrusion_detection']),
    'event.type': derived('properties.action', types),
    'event.outcome': derived(
      'properties.action: failure where blocked, success where allowed, else unknown',
      outcome,
    ),
    'event.provider': text('category'),
    'event.code': text('properties.ruleName'),
    'event.reason': first(text('properties.details.msg'), text('properties.ruleName')),
    'source.ip': first(ip('properties.clientIP'), ip('properties.clientIp')),
    'source.port': number('properties.clientPort'),
    'source.address': first(text('properties.clientIP'), text('properties.clientIp')),
    'url.original': text('properties.requestUri'),
    'url.domain': folded(text('properties.host')),
    'url.path': mapped(text('properties.requestUri'), 'path', (uri) => URL.parse(uri)?.pathname),
    'rule.name': text('properties.ruleName'),
    'rule.ruleset': text('properties.policy'),
    'azure.frontdoor_waf.action': folded(text('properties.action')),
    'azure.frontdoor_waf.policy_mode': folded(text('properties.policyMode')),
    'azure.frontdoor_waf.socket_ip': ip('properties.socketIP'),
    'azure.frontdoor_waf.tracking_reference': text('properties.trackingReference'),
    'azure.frontdoor_waf.matches.name': matched('matchVariableName'),
    'azure.frontdoor_waf.matches.value': matched('matchVariableValue'),
    'azure.frontdoor_waf.details.data': text('properties.details.data'),
  },
})

const actionAt = reach('properties.action')
const matchesAt = reach('properties.details.matches')

function types(record: JsonObject): readonly string[] {
  const action = textOf(actionAt(record))?.toLowerCase()
  if (action === 'block') return ['access', 'denied']
  return action === 'allow' ? ['access', 'allowed'] : ['access']
}

/** Log, scores and challenges say nothing of what became of the request. */
function outcome(record: JsonObject): string {
  const [, decision] = types(record)
  return decision === 'denied' ? 'failure' : decision === 'allowed' ? 'success' : 'unknown'
}

function matched(key: string) {
  return derived(`properties.details.matches[].${key}`, (record) => {
    const values = objects(matchesAt(record)).flatMap((each) => textOf(each[key]) ?? [])
    return values.length === 0 ? undefined : values
  })
}
