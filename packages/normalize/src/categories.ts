import type { Dataset } from '@weir/model'
import { AZURE_AUDITLOGS } from './datasets/azure-auditlogs.ts'
import { AZURE_GRAPHACTIVITYLOGS } from './datasets/azure-graphactivitylogs.ts'
import { AZURE_IDENTITY_PROTECTION } from './datasets/azure-identity-protection.ts'
import { AZURE_NSGFLOW } from './datasets/azure-nsgflow.ts'
import { AZURE_SIGNINLOGS } from './datasets/azure-signinlogs.ts'
import { AZURE_STORAGE } from './datasets/azure-storage.ts'
import { AZURE_VNETFLOW } from './datasets/azure-vnetflow.ts'

/** Categories that one service has for itself, as it writes them. */
const NAMED: readonly (readonly [Dataset, string])[] = [
  [AZURE_SIGNINLOGS, 'SignInLogs NonInteractiveUserSignInLogs ServicePrincipalSignInLogs'],
  [AZURE_SIGNINLOGS, 'ManagedIdentitySignInLogs ADFSSignInLogs'],
  [AZURE_AUDITLOGS, 'AuditLogs CustomSecurityAttributeAuditLogs'],
  [AZURE_IDENTITY_PROTECTION, 'UserRiskEvents RiskyUsers ServicePrincipalRiskEvents RiskyServicePrincipals'],
  [AZURE_GRAPHACTIVITYLOGS, 'MicrosoftGraphActivityLogs AzureADGraphActivityLogs'],
  [AZURE_STORAGE, 'StorageRead StorageWrite StorageDelete'],
  [AZURE_NSGFLOW, 'NetworkSecurityGroupFlowEvent'],
  [AZURE_VNETFLOW, 'FlowLogFlowEvent'],
]

const EXACT: ReadonlyMap<string, Dataset> = new Map(
  NAMED.flatMap(([dataset, names]) => names.split(' ').map((name) => [name, dataset] as const)),
)

const LOWER: ReadonlyMap<string, Dataset> = new Map(
  [...EXACT].map(([category, dataset]) => [category.toLowerCase(), dataset]),
)

/** The dataset of a category as its service writes it; one look, for nearly every record ends here. */
export function datasetOf(category: string): Dataset | undefined {
  return EXACT.get(category)
}

/** The same for a category in lower case, as some ways in write it. */
export function datasetOfLower(category: string): Dataset | undefined {
  return LOWER.get(category)
}
