import { activity } from '../records/activity.ts'
import { vaultCall } from '../records/key-vault.ts'
import { storageCall } from '../records/storage.ts'
import { MINUTE_MS } from '../times.ts'
import type { Deed, Plot, Step } from './plot.ts'

/** Secrets read out, the log export removed, files taken. */
export const AZURE_STEPS: readonly Step[] = [
  {
    id: 'keyvault-mass-read',
    rule: 'keyvault.mass-secret-read',
    dataset: 'azure.keyvault',
    entity: ({ tenant }) => tenant.principals[0]!.id,
    act: readSecrets,
  },
  {
    id: 'diagnostic-setting-deleted',
    rule: 'azure.diagnostic-setting-deleted',
    dataset: 'azure.activitylogs',
    entity: ({ victim }) => victim.upn,
    act: (plot, start) => removed(plot, start, 'MICROSOFT.INSIGHTS/DIAGNOSTICSETTINGS', 'TO-HUB'),
  },
  {
    id: 'data-taken',
    rule: 'storage.bulk-download-with-sas',
    dataset: 'azure.storage',
    entity: ({ toolIp }) => toolIp,
    act: takeFiles,
  },
]

/** At the end, what is left behind is laid waste. */
export const DELETION_STEPS: readonly Step[] = [
  {
    id: 'mass-delete',
    rule: 'azure.mass-resource-deletion',
    dataset: 'azure.activitylogs',
    entity: ({ victim }) => victim.upn,
    act: deleteResources,
  },
]

const SECRETS_READ = 30

/** In five minutes; one read is told late, one twice. */
function readSecrets({ tenant, random, toolIp }: Plot, start: number): readonly Deed[] {
  const vault = tenant.vaults.hub[1]!
  const by = { ...tenant.principals[0]!, ip: toolIp }
  return Array.from({ length: SECRETS_READ }, (_, n) => {
    const time = start + n * 10_000
    const correlationId = random.guid()
    const call = { vault, operation: 'SecretGet', secret: vault.secrets[n]!, by, correlationId }
    return {
      stream: 'platform',
      time,
      eventIds: [correlationId],
      ...(n === 15 ? { heldBack: 10 * MINUTE_MS } : {}),
      ...(n === 3 ? { twice: true } : {}),
      write: (own) => vaultCall(tenant, own, time, call),
    }
  })
}

const FILES_TAKEN = 60

function takeFiles({ tenant, random, toolIp }: Plot, start: number): readonly Deed[] {
  const account = tenant.storage.hub[1]!
  const agent = 'AzCopy/10.26.0 azsdk-go-azblob/v1.4.0 (go1.22.5; linux)'
  return Array.from({ length: FILES_TAKEN }, (_, n) => {
    const time = start + n * 6_000
    const correlationId = random.guid()
    const file = {
      account,
      operation: 'GetBlob',
      path: `contracts/2026/c-${n}.pdf`,
      bytes: 48_000_000,
    } as const
    const call = { ...file, ip: toolIp, agent, by: 'SAS', correlationId } as const
    return {
      stream: 'platform',
      time,
      eventIds: [correlationId],
      write: (own) => storageCall(tenant, own, time, call),
    }
  })
}

/** Kinds of resources whose removal is of no interest one by one. */
const DELETED_TYPES = [
  'MICROSOFT.COMPUTE/VIRTUALMACHINES',
  'MICROSOFT.NETWORK/NETWORKINTERFACES',
  'MICROSOFT.WEB/SITES',
]
const DELETED_RESOURCES = 15

function deleteResources(plot: Plot, start: number): readonly Deed[] {
  return Array.from({ length: DELETED_RESOURCES }, (_, n) =>
    removed(plot, start + n * 24_000, DELETED_TYPES[n % DELETED_TYPES.length]!, `PROD-${n}`),
  ).flat()
}

/** Begun and done: two records of one correlation id. */
function removed(plot: Plot, start: number, type: string, name: string): readonly Deed[] {
  const { tenant, random, victim, toolIp } = plot
  const sub = tenant.subscriptions[0]!
  const scope = `/SUBSCRIPTIONS/${sub.id}/RESOURCEGROUPS/${sub.groups[0]}`.toUpperCase()
  const correlationId = random.guid()
  const base = {
    by: victim,
    ip: toolIp,
    operation: `${type}/DELETE`,
    resourceId: `${scope}/PROVIDERS/${type}/${name}`,
    category: 'Administrative',
    correlationId,
  } as const
  return (['Start', 'Success'] as const).map((result, n) => {
    const time = start + n * 1_500
    return {
      stream: 'activity',
      time,
      eventIds: [correlationId],
      write: (own) => activity(tenant, own, time, { ...base, result }),
    }
  })
}
