import type { JsonObject } from '@weir/model'
import { Random } from '../random.ts'
import type { ServicePrincipal, Tenant, Vault } from '../tenant.ts'
import { azureTime } from '../times.ts'

/** One call to a vault. */
export interface VaultCall {
  readonly vault: Vault
  readonly operation: string
  readonly secret?: string
  readonly by: Pick<ServicePrincipal, 'appId' | 'id' | 'ip'>
  readonly status?: 200 | 401 | 403
  readonly correlationId?: string
}

const SIGNATURES = { 200: 'OK', 401: 'Unauthorized', 403: 'Forbidden' }

export function vaultCall(tenant: Tenant, random: Random, time: number, call: VaultCall): JsonObject {
  const host = `https://${call.vault.name}.vault.azure.net`
  const status = call.status ?? 200
  const object = call.secret === undefined ? host : `${host}/secrets/${call.secret}`
  return {
    time: azureTime(time, random),
    category: 'AuditEvent',
    operationName: call.operation,
    operationVersion: '7.5',
    resultType: 'Success',
    resultSignature: SIGNATURES[status],
    ...(status === 403
      ? { resultDescription: 'Caller is not authorized to perform action on resource.' }
      : {}),
    durationMs: random.between(8, 120),
    callerIpAddress: call.by.ip,
    correlationId: call.correlationId ?? random.guid(),
    identity: status === 401 ? {} : { claim: claim(tenant, call.by) },
    location: 'westeurope',
    resourceId: call.vault.resourceId,
    properties: {
      id: call.secret === undefined ? host : `${object}/${versionOf(object)}`,
      clientInfo: 'azsdk-net-Security.KeyVault.Secrets/4.6.0 (.NET 8.0.8; Debian GNU/Linux 12)',
      requestUri: `${object}/?api-version=7.5`,
      httpStatusCode: status,
      isAccessPolicyMatch: status === 200,
      isAddressAuthorized: true,
      isRbacAuthorized: true,
      subnetId: '(unknown)',
      tlsVersion: 'TLS1_3',
    },
  }
}

/** A secret keeps its version from read to read. */
function versionOf(object: string): string {
  let hash = 0
  for (const char of object) hash = (Math.imul(hash, 31) + char.codePointAt(0)!) | 0
  return new Random(hash).hex(32)
}

function claim(tenant: Tenant, by: VaultCall['by']): JsonObject {
  return {
    'http://schemas.microsoft.com/identity/claims/objectidentifier': by.id,
    appid: by.appId,
    appidacr: '1',
    aud: 'https://vault.azure.net',
    iss: `https://sts.windows.net/${tenant.id}/`,
  }
}

/** A service fetches the two secrets that are its own in each vault, or pings. Nobody's set grows over time. */
export function ordinaryVaultCall(tenant: Tenant, random: Random, time: number, vault: Vault): JsonObject {
  const place = random.between(0, tenant.principals.length - 1)
  const by = tenant.principals[place]!
  const secret = vault.secrets[(place * 2 + random.between(0, 1)) % vault.secrets.length]!
  const call = random.weighted<Omit<VaultCall, 'vault' | 'by'>>([
    [{ operation: 'SecretGet', secret }, 55],
    [{ operation: 'Authentication' }, 20],
    [{ operation: 'SecretGet', secret, status: 401 }, 15],
    [{ operation: 'VaultGet' }, 8],
    [{ operation: 'SecretGet', secret, status: 403 }, 1],
  ])
  return vaultCall(tenant, random, time, { ...call, vault, by })
}
