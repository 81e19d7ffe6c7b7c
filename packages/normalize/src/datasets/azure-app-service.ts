import type { JsonObject } from '@weir/model'
import { ENVELOPE, envelopeColumns, envelopeTime } from '../envelope.ts'
import {
  derived,
  first,
  folded,
  ip,
  mapped,
  number,
  numberOf,
  port,
  type Row,
  reach,
  text,
  textOf,
} from '../read.ts'
import { dataset, MINUTE_MS } from '../table.ts'

/** App Service: requests, log-ins for deployment, refusals by address, changed files, and what the app itself writes. */
export const AZURE_APP_SERVICE = dataset({
  name: 'azure.app_service',
  latenessMs: 30 * MINUTE_MS,
  time: envelopeTime,
  columns: (record) => [
    ...envelopeColumns(record),
    record.category,
    record.resultDescription,
    record.properties,
  ],
  rows: {
    ...ENVELOPE,
    'event.action': folded(first(text('operationName'), text('properties.OperationName'), text('category'))),
    'event.category': derived('by category: web, authentication, file, network, else process', category),
    'event.outcome': derived('properties.Result Denied or ScStatus from 400: failure', outcome),
    'event.provider': text('category'),
    'event.code': written('ScStatus'),
    'event.reason': first(written('Details'), text('properties.Result')),
    message: first(
      text('resultDescription'),
      text('properties.resultDescription'),
      text('properties.message'),
      text('properties.Message'),
    ),
    'user.name': folded(first(written('CsUsername'), written('UserDisplayName'), written('User'))),
    'user.id': written('User'),
    'source.ip': first(ip('properties.CIp'), ip('properties.UserAddress'), ip('callerIpAddress')),
    'source.port': first(port('properties.CIp'), port('properties.UserAddress')),
    'source.address': first(text('properties.CIp'), text('properties.UserAddress'), text('callerIpAddress')),
    'source.bytes': number('properties.CsBytes'),
    'destination.bytes': number('properties.ScBytes'),
    'destination.port': number('properties.SPort'),
    'http.request.method': written('CsMethod'),
    'http.request.referrer': written('Referer'),
    'http.response.status_code': number('properties.ScStatus'),
    'url.path': written('CsUriStem'),
    'url.query': written('CsUriQuery'),
    'url.domain': folded(written('CsHost')),
    'user_agent.original': mapped(written('UserAgent'), 'text with blanks for plus signs', (agent) =>
      agent.replaceAll('+', ' '),
    ),
    'network.forwarded_ip': ip('properties.XForwardedFor'),
    'host.name': folded(first(written('ComputerName'), text('Host'))),
    'file.path': text('properties.Path'),
    'process.name': folded(text('properties.Process')),
    'azure.app_service.protocol': folded(written('Protocol')),
    'azure.app_service.result': folded(text('properties.Result')),
    'azure.app_service.container_id': text('containerId'),
    'azure.app_service.instance_id': first(text('EventStampName'), text('properties.instanceId')),
  },
})

/** A column in the web server's log, where a hyphen stands for nothing. */
function written(key: string): Row {
  return mapped(text(`properties.${key}`), 'text', (value) => (value === '-' ? undefined : value))
}

const CATEGORIES: ReadonlyMap<string, readonly string[]> = new Map([
  ['appservicehttplogs', ['web']],
  ['appserviceauditlogs', ['authentication']],
  ['appserviceauthenticationlogs', ['authentication']],
  ['appserviceipsecauditlogs', ['network']],
  ['appservicefileauditlogs', ['file']],
  ['appserviceantivirusscanauditlogs', ['malware']],
])

const PROCESS: readonly string[] = ['process']

function category(record: JsonObject): readonly string[] {
  return CATEGORIES.get(textOf(record.category)?.toLowerCase() ?? '') ?? PROCESS
}

const resultAt = reach('properties.Result')
const statusAt = reach('properties.ScStatus')

function outcome(record: JsonObject): string {
  const status = numberOf(statusAt(record))
  if (status !== undefined) return status < 400 ? 'success' : 'failure'
  const result = textOf(resultAt(record))?.toLowerCase()
  if (result === 'denied') return 'failure'
  return result === 'allowed' || result === 'success' ? 'success' : 'unknown'
}
