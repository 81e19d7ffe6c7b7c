import type { JsonObject } from '@weir/model'
import type { Random } from '../random.ts'
import type { Tenant } from '../tenant.ts'
import { americanTime } from '../times.ts'

/** Logs of applications: categories that no table of ours knows, in the loose style of such services. */
export function appLog(tenant: Tenant, random: Random, time: number): JsonObject {
  const sub = tenant.subscriptions[0]!
  const site = `func-${random.pick(['quotes', 'labels', 'customs'])}`
  return {
    time: americanTime(time),
    resourceId:
      `/SUBSCRIPTIONS/${sub.id}/RESOURCEGROUPS/${sub.groups[0]}/PROVIDERS/MICROSOFT.WEB/SITES/${site}`.toUpperCase(),
    category: 'FunctionAppLogs',
    operationName: 'Microsoft.Web/sites/functions/log',
    level: 'Informational',
    location: 'West Europe',
    correlationId: random.guid(),
    resultDescription: `Executed 'Functions.Run'\n(Succeeded, Id=${random.guid()}, Duration=${random.between(3, 900)}ms)`,
    properties: {
      appName: site,
      roleInstance: random.hex(12).toUpperCase(),
      message: 'Function completed',
      category: 'Host.Results',
      hostVersion: '4.1036.3.23284',
      functionInvocationId: random.guid(),
      functionName: 'Run',
      hostInstanceId: random.guid(),
      level: 'Information',
      levelId: 2,
      processId: random.between(20, 90),
    },
  }
}
