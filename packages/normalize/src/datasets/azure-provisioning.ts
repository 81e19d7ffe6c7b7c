import type { JsonObject } from '@weir/model'
import { ENVELOPE, envelopeTime } from '../envelope.ts'
import { objects } from '../objects.ts'
import { parseTime } from '../parse-time.ts'
import { constant, derived, first, folded, type Row, reach, text, textOf } from '../read.ts'
import { dataset, HOUR_MS } from '../table.ts'

const action = first(text('properties.provisioningAction'), text('properties.action'))

/** Entra ID provisioning: accounts and groups made, changed and removed in other systems, or from them. */
export const AZURE_PROVISIONING = dataset({
  name: 'azure.provisioning',
  latenessMs: 2 * HOUR_MS,
  time: (record) => parseTime(activityAt(record)) ?? envelopeTime(record),
  id: (record) => textOf(idAt(record)),
  columns: (record) => [record.time, record.correlationId, record.properties],
  rows: {
    ...ENVELOPE,
    'event.action': folded(first(action, text('operationName'))),
    'event.category': constant(['iam']),
    'event.type': derived('properties.provisioningAction', types),
    'event.outcome': derived(
      'properties.provisioningStatusInfo.status, else resultType; skipped and warning are unknown',
      outcome,
    ),
    'event.provider': text('category'),
    'event.code': text('properties.provisioningStatusInfo.errorInformation.errorCode'),
    'event.reason': first(
      text('properties.provisioningStatusInfo.errorInformation.reason'),
      text('resultDescription'),
    ),
    'user.name': folded(anyCase('initiatedBy', 'name')),
    'user.id': anyCase('initiatedBy', 'id'),
    'user.target.name': folded(
      first(text('properties.sourceIdentity.details.UserPrincipalName'), anyCase('sourceIdentity', 'name')),
    ),
    'user.target.id': anyCase('sourceIdentity', 'id'),
    'user.target.full_name': text('properties.sourceIdentity.details.DisplayName'),
    'azure.service_principal.id': anyCase('servicePrincipal', 'id'),
    'azure.service_principal.name': anyCase('servicePrincipal', 'name'),
    'azure.provisioning.action': folded(action),
    'azure.provisioning.status': folded(anyCase('provisioningStatusInfo', 'status')),
    'azure.provisioning.initiator_type': folded(anyCase('initiatedBy', 'type')),
    'azure.provisioning.source_system': anyCase('sourceSystem', 'name'),
    'azure.provisioning.target_system': anyCase('targetSystem', 'name'),
    'azure.provisioning.source_type': text('properties.sourceIdentity.identityType'),
    'azure.provisioning.target_id': anyCase('targetIdentity', 'id'),
    'azure.provisioning.job_id': text('properties.jobId'),
    'azure.provisioning.cycle_id': text('properties.cycleId'),
    'azure.provisioning.change_id': text('properties.changeId'),
    'azure.provisioning.modified': derived('displayName of all properties.modifiedProperties', modified),
  },
})

const activityAt = reach('properties.activityDateTime')
const idAt = reach('properties.id')
const modifiedAt = reach('properties.modifiedProperties')
const statusOf = first(anyCase('provisioningStatusInfo', 'status'), text('resultType'))

/** The export capitalises the members of these objects, Graph does not. */
function anyCase(object: string, key: string): Row {
  const capital = key.charAt(0).toUpperCase() + key.slice(1)
  return first(text(`properties.${object}.${key}`), text(`properties.${object}.${capital}`))
}

const TYPES: ReadonlyMap<string, readonly string[]> = new Map([
  ['create', ['user', 'creation']],
  ['update', ['user', 'change']],
  ['delete', ['user', 'deletion']],
  ['stageddelete', ['user', 'deletion']],
  ['disable', ['user', 'change']],
])

function types(record: JsonObject): readonly string[] {
  return TYPES.get(String(action.read(record) ?? '').toLowerCase()) ?? ['info']
}

function outcome(record: JsonObject): string {
  const status = String(statusOf.read(record) ?? '').toLowerCase()
  return status === 'success' || status === 'failure' ? status : 'unknown'
}

function modified(record: JsonObject): readonly string[] | undefined {
  const names = objects(modifiedAt(record)).flatMap((each) => textOf(each.displayName) ?? [])
  return names.length === 0 ? undefined : names
}
