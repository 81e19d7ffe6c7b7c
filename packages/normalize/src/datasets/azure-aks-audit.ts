import type { JsonObject } from '@weir/model'
import { ENVELOPE, envelopeColumns, envelopeTime } from '../envelope.ts'
import { parseTime } from '../parse-time.ts'
import {
  arm,
  constant,
  derived,
  first,
  folded,
  ip,
  list,
  number,
  numberOf,
  reach,
  text,
  textOf,
} from '../read.ts'
import { dataset, MINUTE_MS } from '../table.ts'

/** Calls of a managed cluster's Kubernetes API; a call is told at several of its stages. */
export const AZURE_AKS_AUDIT = dataset({
  name: 'azure.aks_audit',
  latenessMs: 30 * MINUTE_MS,
  time: (record) => parseTime(stageTimeAt(record)) ?? parseTime(receivedAt(record)) ?? envelopeTime(record),
  id: (record) => textOf(idAt(record)),
  state: (record) => textOf(stageAt(record)) ?? '',
  columns: (record) => [...envelopeColumns(record), record.properties],
  rows: {
    ...ENVELOPE,
    'event.action': folded(derived('properties.log: verb and objectRef.resource/subresource', action)),
    'event.category': constant(['api']),
    'event.type': derived('properties.log.verb', types),
    'event.outcome': derived(
      'properties.log.responseStatus.code, once the stage is ResponseComplete; before that unknown',
      outcome,
    ),
    'event.provider': text('category'),
    'event.code': text('properties.log.responseStatus.code'),
    'event.reason': first(
      text('properties.log.responseStatus.reason'),
      text(['properties', 'log', 'annotations', 'authorization.k8s.io/reason']),
    ),
    'user.name': folded(text('properties.log.user.username')),
    'user.id': text('properties.log.user.uid'),
    'user.effective.name': folded(text('properties.log.impersonatedUser.username')),
    'source.ip': first(ip('properties.log.sourceIPs.0'), ip('callerIpAddress')),
    'source.address': first(text('properties.log.sourceIPs.0'), text('callerIpAddress')),
    'user_agent.original': text('properties.log.userAgent'),
    'url.original': text('properties.log.requestURI'),
    'http.response.status_code': number('properties.log.responseStatus.code'),
    'orchestrator.type': constant('kubernetes'),
    'orchestrator.cluster.name': arm('resourceId', 'name'),
    'orchestrator.namespace': text('properties.log.objectRef.namespace'),
    'orchestrator.resource.type': folded(text('properties.log.objectRef.resource')),
    'orchestrator.resource.name': text('properties.log.objectRef.name'),
    'azure.aks_audit.verb': folded(text('properties.log.verb')),
    'azure.aks_audit.stage': text('properties.log.stage'),
    'azure.aks_audit.level': text('properties.log.level'),
    'azure.aks_audit.subresource': folded(text('properties.log.objectRef.subresource')),
    'azure.aks_audit.api_group': text('properties.log.objectRef.apiGroup'),
    'azure.aks_audit.decision': folded(
      text(['properties', 'log', 'annotations', 'authorization.k8s.io/decision']),
    ),
    'azure.aks_audit.groups': list('properties.log.user.groups'),
    'azure.aks_audit.role_ref': text('properties.log.requestObject.roleRef.name'),
    'azure.aks_audit.source_ips': list('properties.log.sourceIPs'),
    'azure.aks_audit.pod': text('properties.pod'),
  },
})

const idAt = reach('properties.log.auditID')
const stageAt = reach('properties.log.stage')
const stageTimeAt = reach('properties.log.stageTimestamp')
const receivedAt = reach('properties.log.requestReceivedTimestamp')
const verbAt = reach('properties.log.verb')
const resourceAt = reach('properties.log.objectRef.resource')
const subresourceAt = reach('properties.log.objectRef.subresource')
const codeAt = reach('properties.log.responseStatus.code')

function action(record: JsonObject): string | undefined {
  const resource = [resourceAt(record), subresourceAt(record)].flatMap((each) => textOf(each) ?? [])
  const words = [textOf(verbAt(record)) ?? '', resource.join('/')].filter((word) => word !== '')
  return words.length === 0 ? textOf(record.operationName) : words.join(' ')
}

const TYPES: ReadonlyMap<string, readonly string[]> = new Map([
  ['get', ['access']],
  ['list', ['access']],
  ['watch', ['access']],
  ['create', ['creation']],
  ['update', ['change']],
  ['patch', ['change']],
  ['delete', ['deletion']],
  ['deletecollection', ['deletion']],
])

function types(record: JsonObject): readonly string[] {
  return TYPES.get(textOf(verbAt(record))?.toLowerCase() ?? '') ?? ['info']
}

function outcome(record: JsonObject): string {
  const stage = textOf(stageAt(record))
  if (stage === 'Panic') return 'failure'
  const code = numberOf(codeAt(record))
  if (stage !== 'ResponseComplete' || code === undefined) return 'unknown'
  return code < 400 ? 'success' : 'failure'
}
