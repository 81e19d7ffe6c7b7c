import type { JsonObject } from '@weir/model'
import type { Random } from '../random.ts'
import type { Tenant, User } from '../tenant.ts'
import { azureTime } from '../times.ts'

/** One step of an operation on a resource. */
export interface Activity {
  readonly operation: string
  readonly resourceId: string
  readonly category: 'Administrative' | 'Policy' | 'ResourceHealth' | 'Autoscale'
  readonly result: 'Start' | 'Accept' | 'Success' | 'Failure'
  readonly by: User
  readonly ip?: string
  readonly correlationId: string
  readonly requestBody?: JsonObject
}

const SIGNATURES = {
  Start: 'Started.',
  Accept: 'Accepted.Accepted',
  Success: 'Succeeded.OK',
  Failure: 'Failed.Conflict',
}

export function activity(tenant: Tenant, random: Random, time: number, step: Activity): JsonObject {
  const ip = step.ip ?? step.by.officeIp
  return {
    time: azureTime(time, random),
    resourceId: step.resourceId,
    operationName: step.operation,
    category: step.category,
    resultType: step.result,
    resultSignature: SIGNATURES[step.result],
    durationMs: '0',
    callerIpAddress: ip,
    correlationId: step.correlationId,
    identity: {
      authorization: {
        scope: step.resourceId,
        action: step.operation,
        evidence: {
          role: 'Contributor',
          roleAssignmentScope: step.resourceId.split('/').slice(0, 3).join('/'),
          roleAssignmentId: step.by.id.replaceAll('-', ''),
          roleDefinitionId: 'b24988ac618042a0ab8820f7382dd24c',
          principalId: step.by.id.replaceAll('-', ''),
          principalType: 'User',
        },
      },
      claims: claims(tenant, random, time, step.by, ip),
    },
    level: step.result === 'Failure' ? 'Error' : 'Information',
    location: 'westeurope',
    properties: {
      ...(step.requestBody === undefined ? {} : { requestbody: JSON.stringify(step.requestBody) }),
      ...(step.result === 'Start' ? {} : { statusCode: step.result === 'Failure' ? 'Conflict' : 'OK' }),
      eventCategory: step.category,
      entity: step.resourceId,
      message: step.operation,
      hierarchy: `${tenant.id}/nordhafen/${step.resourceId.split('/')[2]}`,
    },
  }
}

function claims(tenant: Tenant, random: Random, time: number, by: User, ip: string): JsonObject {
  const issued = Math.floor(time / 1_000) - random.between(60, 3_000)
  const microsoft = 'http://schemas.microsoft.com/'
  const soap = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/'
  return {
    aud: 'https://management.core.windows.net/',
    iss: `https://sts.windows.net/${tenant.id}/`,
    iat: String(issued),
    exp: String(issued + 4_000),
    [`${microsoft}claims/authnmethodsreferences`]: 'pwd,mfa',
    appid: 'c44b4083-3bb0-49c1-b47d-974e53cbdf3c',
    appidacr: '2',
    ipaddr: ip,
    name: by.name,
    [`${microsoft}identity/claims/objectidentifier`]: by.id,
    [`${microsoft}identity/claims/tenantid`]: tenant.id,
    [`${soap}name`]: by.upn,
    [`${soap}upn`]: by.upn,
    ver: '1.0',
  }
}

const ORDINARY = [
  ['MICROSOFT.COMPUTE/VIRTUALMACHINES/RESTART/ACTION', 'MICROSOFT.COMPUTE/VIRTUALMACHINES/VM-APP'],
  ['MICROSOFT.COMPUTE/VIRTUALMACHINES/START/ACTION', 'MICROSOFT.COMPUTE/VIRTUALMACHINES/VM-BATCH'],
  ['MICROSOFT.WEB/SITES/CONFIG/WRITE', 'MICROSOFT.WEB/SITES/APP-PORTAL'],
  ['MICROSOFT.RESOURCES/TAGS/WRITE', 'MICROSOFT.RESOURCES/TAGS/DEFAULT'],
  [
    'MICROSOFT.CONTAINERSERVICE/MANAGEDCLUSTERS/AGENTPOOLS/WRITE',
    'MICROSOFT.CONTAINERSERVICE/MANAGEDCLUSTERS/AKS',
  ],
  ['MICROSOFT.SQL/SERVERS/DATABASES/WRITE', 'MICROSOFT.SQL/SERVERS/SQL-CORE/DATABASES/DB'],
  ['MICROSOFT.INSIGHTS/METRICALERTS/WRITE', 'MICROSOFT.INSIGHTS/METRICALERTS/CPU'],
] as const

/** Operations of a working day, policy evaluations and health notices. */
export function ordinaryActivity(tenant: Tenant, random: Random, time: number): JsonObject {
  const sub = random.pick(tenant.subscriptions)
  const scope = `/SUBSCRIPTIONS/${sub.id}/RESOURCEGROUPS/${random.pick(sub.groups)}/PROVIDERS/`.toUpperCase()
  const base = { by: random.pick(tenant.admins), correlationId: random.guid() }
  const vm = `${scope}MICROSOFT.COMPUTE/VIRTUALMACHINES/VM-APP-${random.between(1, 40)}`
  if (random.chance(0.35)) {
    const operation = 'MICROSOFT.AUTHORIZATION/POLICIES/AUDITIFNOTEXISTS/ACTION'
    return activity(tenant, random, time, {
      ...base,
      operation,
      category: 'Policy',
      resourceId: vm,
      result: 'Success',
    })
  }
  if (random.chance(0.1)) {
    const operation = 'MICROSOFT.RESOURCEHEALTH/HEALTHEVENT/RESOLVED/ACTION'
    const health = {
      ...base,
      operation,
      category: 'ResourceHealth',
      resourceId: vm,
      result: 'Success',
    } as const
    return activity(tenant, random, time, health)
  }
  const [operation, type] = random.pick(ORDINARY)
  const result = random.weighted([
    ['Start', 4],
    ['Accept', 2],
    ['Success', 5],
    ['Failure', 1],
  ] as const)
  const resourceId = `${scope}${type}-${random.between(1, 40)}`
  return activity(tenant, random, time, {
    ...base,
    operation,
    category: 'Administrative',
    resourceId,
    result,
  })
}
