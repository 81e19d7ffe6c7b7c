import type { JsonObject } from '@weir/model'
import type { Random } from '../random.ts'
import type { ServicePrincipal, StorageAccount, Tenant } from '../tenant.ts'
import { azureTime } from '../times.ts'

/** One call to a storage account. */
export interface StorageCall {
  readonly account: StorageAccount
  readonly operation: 'GetBlob' | 'GetBlobProperties' | 'ListBlobs' | 'PutBlob' | 'DeleteBlob'
  readonly path: string
  readonly ip: string
  readonly agent: string
  /** The service principal, or a shared access signature. */
  readonly by: ServicePrincipal | 'SAS'
  readonly bytes: number
  readonly status?: 200 | 403 | 404
  readonly correlationId?: string
}

const CATEGORIES = {
  GetBlob: 'StorageRead',
  GetBlobProperties: 'StorageRead',
  ListBlobs: 'StorageRead',
  PutBlob: 'StorageWrite',
  DeleteBlob: 'StorageDelete',
} as const
const TEXTS = { 200: 'Success', 403: 'AuthorizationFailure', 404: 'BlobNotFound' }

export function storageCall(tenant: Tenant, random: Random, time: number, call: StorageCall): JsonObject {
  const status = call.status ?? 200
  const sas = call.by === 'SAS'
  const query = sas ? '?sv=2024-11-04&se=2031-01-01T00%3A00%3A00Z&sr=c&sp=rl&sig=XXXXX' : ''
  return {
    time: azureTime(time, random),
    resourceId: call.account.resourceId,
    category: CATEGORIES[call.operation],
    operationName: call.operation,
    operationVersion: '2024-11-04',
    schemaVersion: '1.0',
    statusCode: status,
    statusText: sas && status === 200 ? 'SASSuccess' : TEXTS[status],
    durationMs: random.between(3, 400),
    callerIpAddress: `${call.ip}:${random.between(1_024, 65_000)}`,
    correlationId: call.correlationId ?? random.guid(),
    identity: call.by === 'SAS' ? sasIdentity(random) : tokenIdentity(tenant, random, call.by),
    location: 'westeurope',
    properties: {
      accountName: call.account.name,
      userAgentHeader: call.agent,
      serviceType: 'blob',
      operationCount: 0,
      objectKey: `/${call.account.name}/${call.path}`,
      serverLatencyMs: random.between(2, 90),
      requestBodySize: call.operation === 'PutBlob' ? call.bytes : 0,
      responseBodySize: call.operation === 'PutBlob' ? 0 : call.bytes,
      tlsVersion: 'TLS 1.3',
    },
    uri: `https://${call.account.name}.blob.core.windows.net:443/${call.path}${query}`,
    protocol: 'HTTPS',
  }
}

function sasIdentity(random: Random): JsonObject {
  return {
    type: 'SAS',
    tokenHash: `key1(${random.hex(64).toUpperCase()}),SasSignature(${random.hex(64).toUpperCase()})`,
  }
}

function tokenIdentity(tenant: Tenant, random: Random, by: ServicePrincipal): JsonObject {
  return {
    type: 'OAuth',
    tokenHash: random.hex(64).toUpperCase(),
    authorization: [
      {
        action: 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read',
        roleAssignmentId: by.id,
        roleDefinitionId: '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1',
        principals: [{ id: by.id, type: 'ServicePrincipal' }],
      },
    ],
    requester: {
      appId: by.appId,
      audience: 'https://storage.azure.com/',
      objectId: by.id,
      tenantId: tenant.id,
      tokenIssuer: `https://sts.windows.net/${tenant.id}/`,
    },
  }
}

const AGENTS = [
  'azsdk-net-Storage.Blobs/12.22.1 (.NET 8.0.8; Debian GNU/Linux 12)',
  'azsdk-python-storage-blob/12.23.1 Python/3.12.6 (Linux-6.8.0-x86_64)',
] as const

/** Services at their files; the log of reads holds no writes. */
export function ordinaryStorageCall(
  tenant: Tenant,
  random: Random,
  time: number,
  account: StorageAccount,
  operations: readonly (readonly [StorageCall['operation'], number])[] = ALL_OPERATIONS,
): JsonObject {
  const by = random.pick(tenant.identities)
  const operation = random.weighted(operations)
  const path = `documents/${random.between(2024, 2026)}/${random.hex(8)}.pdf`
  const call = { account, operation, path, by, ip: by.ip, agent: random.pick(AGENTS) }
  if (random.chance(0.02)) {
    return storageCall(tenant, random, time, {
      ...call,
      bytes: 215,
      status: random.pick([403, 404] as const),
    })
  }
  const share = random.chance(0.1) ? ({ by: 'SAS', agent: 'Scanner/4.1 (upload station)' } as const) : {}
  return storageCall(tenant, random, time, { ...call, ...share, bytes: random.between(2_000, 4_000_000) })
}

export const READ_OPERATIONS = [
  ['GetBlob', 50],
  ['GetBlobProperties', 20],
  ['ListBlobs', 10],
] as const

const ALL_OPERATIONS = [...READ_OPERATIONS, ['PutBlob', 18], ['DeleteBlob', 1]] as const
