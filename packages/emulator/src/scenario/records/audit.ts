import type { JsonObject } from '@weir/model'
import type { Random } from '../random.ts'
import type { Tenant, User } from '../tenant.ts'
import { azureTime } from '../times.ts'

/** One change in the directory. */
export interface Audit {
  readonly activity: string
  readonly category: string
  readonly service: string
  readonly operationType: string
  readonly by: User
  /** Where it differs from the actor's own. */
  readonly ip?: string
  readonly target: JsonObject
  readonly details?: readonly JsonObject[]
  readonly reason?: string
  readonly id?: string
}

export function audit(tenant: Tenant, random: Random, time: number, change: Audit): JsonObject {
  const ip = change.ip ?? change.by.officeIp
  const correlationId = random.guid()
  return {
    time: azureTime(time, random),
    resourceId: `/tenants/${tenant.id}/providers/Microsoft.aadiam`,
    operationName: change.activity,
    operationVersion: '1.0',
    category: 'AuditLogs',
    tenantId: tenant.id,
    resultSignature: 'None',
    durationMs: 0,
    callerIpAddress: ip,
    correlationId,
    identity: change.by.name,
    Level: 4,
    properties: {
      id: change.id ?? `Directory_${random.guid()}_${random.code(5)}_${random.between(1e6, 9e7)}`,
      category: change.category,
      correlationId,
      result: 'success',
      resultReason: change.reason ?? '',
      activityDisplayName: change.activity,
      activityDateTime: new Date(time).toISOString(),
      loggedByService: change.service,
      operationType: change.operationType,
      initiatedBy: {
        user: {
          id: change.by.id,
          displayName: change.by.name,
          userPrincipalName: change.by.upn,
          ipAddress: ip,
          roles: [],
        },
      },
      targetResources: [change.target],
      additionalDetails: [...(change.details ?? [{ key: 'User-Agent', value: change.by.device.agent }])],
    },
  }
}

/** What a changed property was and is: JSON text within the JSON. */
export function modified(displayName: string, newValue: unknown, oldValue?: unknown): JsonObject {
  const text = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value))
  return { displayName, oldValue: text(oldValue), newValue: text(newValue) }
}

export function userTarget(user: User, modifiedProperties: readonly JsonObject[]): JsonObject {
  return {
    id: user.id,
    displayName: user.name,
    type: 'User',
    userPrincipalName: user.upn,
    groupType: null,
    modifiedProperties: [...modifiedProperties],
  }
}

/** What administrators and people do all day, none of it of interest. */
export function ordinaryAudit(tenant: Tenant, random: Random, time: number): JsonObject {
  const target = random.pick(tenant.users)
  const by = random.pick(tenant.admins)
  const group = { id: random.guid(), name: `g-${target.department.toLowerCase()}-${random.between(1, 30)}` }
  const groupChange = [
    modified('Group.ObjectID', group.id),
    modified('Group.DisplayName', group.name),
    modified('Group.WellKnownObjectName', undefined),
  ]
  const base = { by, category: 'UserManagement', service: 'Core Directory' }
  const changes: readonly Audit[] = [
    {
      ...base,
      activity: 'Update user',
      operationType: 'Update',
      target: userTarget(target, [
        modified('Department', [target.department], [random.pick(['Sales', 'Logistics'])]),
        modified('Included Updated Properties', 'Department'),
      ]),
    },
    {
      ...base,
      activity: random.pick(['Add member to group', 'Remove member from group']),
      category: 'GroupManagement',
      operationType: 'Assign',
      target: userTarget(target, groupChange),
    },
    {
      ...base,
      by: target,
      activity: 'Change password (self-service)',
      service: 'Self-service Password Management',
      operationType: 'Update',
      target: userTarget(target, []),
      reason: 'User submitted their new password',
    },
    {
      ...base,
      activity: 'Update device',
      category: 'Device',
      operationType: 'Update',
      target: {
        id: target.deviceId,
        displayName: `NH-${target.deviceId.slice(0, 6).toUpperCase()}`,
        type: 'Device',
        modifiedProperties: [modified('DeviceOSVersion', ['10.0.26100.2314'], ['10.0.26100.2161'])],
      },
    },
    {
      ...base,
      activity: 'Update group',
      category: 'GroupManagement',
      operationType: 'Update',
      target: {
        id: group.id,
        displayName: group.name,
        type: 'Group',
        groupType: 'unifiedGroups',
        modifiedProperties: [modified('Description', ['Team mailbox and files'])],
      },
    },
  ]
  return audit(tenant, random, time, random.pick(changes))
}
