import {
  DefaultAzureCredential,
  ManagedIdentityCredential,
  type TokenCredential,
  WorkloadIdentityCredential,
} from '@azure/identity'

/** How to prove who we are to Entra ID; none of the three needs a secret in the configuration. */
export interface EntraIdentity {
  readonly credential: 'default' | 'managed-identity' | 'workload-identity'
  /** Client id of a user-assigned identity; absent for the system-assigned or the federated one. */
  readonly clientId?: string
}

/** The credential of an identity. No token is fetched yet. */
export function credentialOf(identity: EntraIdentity): TokenCredential {
  const { credential, clientId } = identity
  switch (credential) {
    case 'default':
      return new DefaultAzureCredential(clientId === undefined ? {} : { managedIdentityClientId: clientId })
    case 'managed-identity':
      return clientId === undefined
        ? new ManagedIdentityCredential()
        : new ManagedIdentityCredential({ clientId })
    case 'workload-identity':
      return new WorkloadIdentityCredential(clientId === undefined ? {} : { clientId })
    default:
      return credential satisfies never
  }
}
