import type { Dataset } from '@weir/model'
import { AWS_CLOUDTRAIL } from './datasets/aws-cloudtrail.ts'
import { AZURE_ACTIVITYLOGS } from './datasets/azure-activitylogs.ts'
import { AZURE_AUDITLOGS } from './datasets/azure-auditlogs.ts'
import { AZURE_GRAPHACTIVITYLOGS } from './datasets/azure-graphactivitylogs.ts'
import { AZURE_IDENTITY_PROTECTION } from './datasets/azure-identity-protection.ts'
import { AZURE_KEYVAULT } from './datasets/azure-keyvault.ts'
import { AZURE_NSGFLOW } from './datasets/azure-nsgflow.ts'
import { AZURE_PLATFORMLOGS } from './datasets/azure-platformlogs.ts'
import { AZURE_SIGNINLOGS } from './datasets/azure-signinlogs.ts'
import { AZURE_STORAGE } from './datasets/azure-storage.ts'
import { AZURE_VNETFLOW } from './datasets/azure-vnetflow.ts'
import { GENERIC } from './datasets/generic.ts'
import { O365_AUDIT } from './datasets/o365-audit.ts'

/** Every dataset, by name. */
export const DATASETS: ReadonlyMap<string, Dataset> = new Map(
  [
    AZURE_SIGNINLOGS,
    AZURE_AUDITLOGS,
    AZURE_IDENTITY_PROTECTION,
    AZURE_GRAPHACTIVITYLOGS,
    AZURE_ACTIVITYLOGS,
    AZURE_KEYVAULT,
    AZURE_STORAGE,
    AZURE_NSGFLOW,
    AZURE_VNETFLOW,
    AZURE_PLATFORMLOGS,
    AWS_CLOUDTRAIL,
    O365_AUDIT,
    GENERIC,
  ].map((dataset) => [dataset.name, dataset]),
)
