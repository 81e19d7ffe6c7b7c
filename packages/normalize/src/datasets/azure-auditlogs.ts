import type { JsonObject } from '@weir/model'
import { actionType } from '../action-type.ts'
import { decoded } from '../decoded.ts'
import { ENVELOPE, envelopeTime } from '../envelope.ts'
import { objects } from '../objects.ts'
import { constant, derived, first, folded, ip, port, type Row, reach, text, textOf } from '../read.ts'
import { dataset, HOUR_MS } from '../table.ts'

const operation = first(text('operationName'), text('properties.activityDisplayName'))

/** Entra ID directory audits. */
export const AZURE_AUDITLOGS = dataset({
  name: 'azure.auditlogs',
  latenessMs: 2 * HOUR_MS,
  time: envelopeTime,
  id: (record) => textOf(idAt(record)),
  columns: (record) => [record.time, record.operationName, record.correlationId, record.properties],
  rows: {
    ...ENVELOPE,
    'event.action': folded(operation),
    'event.category': constant(['iam']),
    'event.type': derived('verb of operationName', (record) =>
      actionType(String(operation.read(record) ?? '')),
    ),
    'event.outcome': derived('properties.result, else resultType', outcome),
    'event.reason': first(text('properties.resultReason'), text('resultDescription')),
    'event.provider': text('properties.loggedByService'),
    'user.name': folded(
      first(
        text('properties.initiatedBy.user.userPrincipalName'),
        text('properties.initiatedBy.user.displayName'),
        text('properties.initiatedBy.app.displayName'),
        text('properties.initiatedBy.app.servicePrincipalName'),
        text('identity'),
      ),
    ),
    'user.id': first(
      text('properties.initiatedBy.user.id'),
      text('properties.initiatedBy.app.servicePrincipalId'),
    ),
    'user.email': folded(text('properties.initiatedBy.user.userPrincipalName')),
    'user.full_name': text('properties.initiatedBy.user.displayName'),
    'user.target.name': folded(targetUser('userPrincipalName')),
    'user.target.id': targetUser('id'),
    'user.target.full_name': targetUser('displayName'),
    'group.name': modified('Group.DisplayName'),
    'group.id': modified('Group.ObjectID'),
    'source.ip': first(ip('properties.initiatedBy.user.ipAddress'), ip('callerIpAddress')),
    'source.port': first(port('properties.initiatedBy.user.ipAddress'), port('callerIpAddress')),
    'source.address': first(text('properties.initiatedBy.user.ipAddress'), text('callerIpAddress')),
    'user_agent.original': first(text('properties.userAgent'), detail('User-Agent')),
    'cloud.service.name': text('properties.loggedByService'),
    'azure.app.id': text('properties.initiatedBy.app.appId'),
    'azure.app.name': text('properties.initiatedBy.app.displayName'),
    'azure.service_principal.id': text('properties.initiatedBy.app.servicePrincipalId'),
    'azure.service_principal.name': text('properties.initiatedBy.app.servicePrincipalName'),
    'azure.correlation_id': first(text('properties.correlationId'), text('correlationId')),
    'azure.auditlogs.category': text('properties.category'),
    'azure.auditlogs.operation_type': text('properties.operationType'),
    'azure.auditlogs.role': modified('Role.DisplayName'),
    'azure.auditlogs.role_template_id': modified('Role.TemplateId'),
    'azure.auditlogs.is_admin_consent': modified('ConsentContext.IsAdminConsent'),
    'azure.auditlogs.permissions': first(
      modified('ConsentAction.Permissions'),
      modified('DelegatedPermissionGrant.Scope'),
      modified('AppRole.Value'),
    ),
    'azure.auditlogs.modified': derived('displayName of all modifiedProperties', modifiedNames),
    'azure.auditlogs.target.name': first(
      text('properties.targetResources.0.userPrincipalName'),
      text('properties.targetResources.0.displayName'),
    ),
    'azure.auditlogs.target.id': text('properties.targetResources.0.id'),
    'azure.auditlogs.target.type': first(
      text('properties.targetResources.0.type'),
      text('properties.targetResources.0.Type'),
    ),
  },
})

const idAt = reach('properties.id')
const resultAt = reach('properties.result')
const targetsAt = reach('properties.targetResources')
const detailsAt = reach('properties.additionalDetails')

function outcome(record: JsonObject): string {
  const result = (textOf(resultAt(record)) ?? textOf(record.resultType) ?? '').toLowerCase()
  if (result === 'success' || result === '0') return 'success'
  return result === 'failure' || result === 'timeout' ? 'failure' : 'unknown'
}

/** The first target that is a user; it says so, or has a user principal name. */
function targetUser(key: string): Row {
  return derived(`properties.targetResources[type User].${key}`, (record) => {
    const user = objects(targetsAt(record)).find(isUser)
    return user && textOf(user[key])
  })
}

function isUser(target: JsonObject): boolean {
  return target.userPrincipalName ? true : target.type === 'User' || target.Type === 'User'
}

/** A modified property's new value, or the old one where it was taken away, decoded from its JSON text. */
function modified(name: string): Row {
  return derived(
    `properties.targetResources[].modifiedProperties[${name}].newValue, else oldValue`,
    (record) => {
      for (const property of propertiesOf(record)) {
        if (property.displayName === name) return decoded(property.newValue) ?? decoded(property.oldValue)
      }
      return undefined
    },
  )
}

function propertiesOf(record: JsonObject): readonly JsonObject[] {
  return objects(targetsAt(record)).flatMap((target) => objects(target.modifiedProperties))
}

function modifiedNames(record: JsonObject): readonly string[] | undefined {
  const names = propertiesOf(record).flatMap((property) => textOf(property.displayName) ?? [])
  return names.length === 0 ? undefined : [...new Set(names)]
}

function detail(key: string): Row {
  return derived(`properties.additionalDetails[${key}]`, (record) =>
    textOf(objects(detailsAt(record)).find((each) => each.key === key)?.value),
  )
}
