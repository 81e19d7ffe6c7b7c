import {
  ClientCertificateCredential,
  ClientSecretCredential,
  DefaultAzureCredential,
  ManagedIdentityCredential,
  type TokenCredential,
  WorkloadIdentityCredential,
} from '@azure/identity'
import { type Secret, WeirError } from '@weir/runtime'

/** How to prove who we are to Entra ID. The first three need no secret; the others are for a machine outside Azure. */
export interface EntraIdentity {
  readonly credential:
    | 'default'
    | 'managed-identity'
    | 'workload-identity'
    | 'client-secret'
    | 'client-certificate'
  /** Client id of a user-assigned identity, or of an app registration; absent for the system-assigned or federated one. */
  readonly clientId?: string
  /** Directory of the app registration; for `client-secret` and `client-certificate` only. */
  readonly tenantId?: string
  readonly secret?: Secret
  /** PEM file with certificate and private key. */
  readonly certificatePath?: string
  /** Where tokens come from in a sovereign cloud, such as `https://login.microsoftonline.us`. */
  readonly authority?: string
}

/**
 * The credential of an identity. No token is fetched yet. Throws `WeirError` CONFIG_INVALID for one that lacks a
 * part which its kind needs.
 */
export function credentialOf(identity: EntraIdentity): TokenCredential {
  const { credential, clientId } = identity
  const options = clientId === undefined ? {} : { clientId }
  switch (credential) {
    case 'default':
      return new DefaultAzureCredential(clientId === undefined ? {} : { managedIdentityClientId: clientId })
    case 'managed-identity':
      return clientId === undefined
        ? new ManagedIdentityCredential()
        : new ManagedIdentityCredential({ clientId })
    case 'workload-identity':
      return new WorkloadIdentityCredential({ ...options, ...authorityOf(identity) })
    case 'client-secret':
      return new ClientSecretCredential(
        needed(identity, 'tenantId'),
        needed(identity, 'clientId'),
        needed(identity, 'secret').reveal(),
        authorityOf(identity),
      )
    case 'client-certificate':
      return new ClientCertificateCredential(
        needed(identity, 'tenantId'),
        needed(identity, 'clientId'),
        needed(identity, 'certificatePath'),
        authorityOf(identity),
      )
    default:
      return credential satisfies never
  }
}

/** An authority that the operator has named is not asked after at the public one first. */
function authorityOf({ authority }: EntraIdentity): {
  authorityHost?: string
  disableInstanceDiscovery?: boolean
} {
  return authority === undefined ? {} : { authorityHost: authority, disableInstanceDiscovery: true }
}

function needed<K extends 'tenantId' | 'clientId' | 'secret' | 'certificatePath'>(
  identity: EntraIdentity,
  part: K,
): NonNullable<EntraIdentity[K]> {
  const value = identity[part]
  if (value !== undefined) return value
  throw new WeirError('CONFIG_INVALID', `auth: credential "${identity.credential}" needs "${part}"`)
}
