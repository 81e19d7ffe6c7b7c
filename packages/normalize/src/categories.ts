import type { Dataset } from '@weir/model'
import { AZURE_AKS_AUDIT } from './datasets/azure-aks-audit.ts'
import { AZURE_APP_SERVICE } from './datasets/azure-app-service.ts'
import { AZURE_APPLICATION_GATEWAY } from './datasets/azure-application-gateway.ts'
import { AZURE_AUDITLOGS } from './datasets/azure-auditlogs.ts'
import { AZURE_FIREWALL_LOGS } from './datasets/azure-firewall-logs.ts'
import { AZURE_FRONTDOOR_WAF } from './datasets/azure-frontdoor-waf.ts'
import { AZURE_FUNCTIONS } from './datasets/azure-functions.ts'
import { AZURE_GRAPHACTIVITYLOGS } from './datasets/azure-graphactivitylogs.ts'
import { AZURE_IDENTITY_PROTECTION } from './datasets/azure-identity-protection.ts'
import { AZURE_NETWORKACCESS } from './datasets/azure-networkaccess.ts'
import { AZURE_NSGFLOW } from './datasets/azure-nsgflow.ts'
import { AZURE_PROVISIONING } from './datasets/azure-provisioning.ts'
import { AZURE_SIGNINLOGS } from './datasets/azure-signinlogs.ts'
import { AZURE_SQLAUDIT } from './datasets/azure-sqlaudit.ts'
import { AZURE_STORAGE } from './datasets/azure-storage.ts'
import { AZURE_VNETFLOW } from './datasets/azure-vnetflow.ts'
import { O365_AUDIT } from './datasets/o365-audit.ts'

/** Categories that one service has for itself, as it writes them. */
const NAMED: readonly (readonly [Dataset, string])[] = [
  [AZURE_SIGNINLOGS, 'SignInLogs NonInteractiveUserSignInLogs ServicePrincipalSignInLogs'],
  [AZURE_SIGNINLOGS, 'ManagedIdentitySignInLogs ADFSSignInLogs MicrosoftServicePrincipalSignInLogs'],
  [AZURE_AUDITLOGS, 'AuditLogs CustomSecurityAttributeAuditLogs'],
  [AZURE_IDENTITY_PROTECTION, 'UserRiskEvents RiskyUsers ServicePrincipalRiskEvents RiskyServicePrincipals'],
  [AZURE_PROVISIONING, 'ProvisioningLogs'],
  [AZURE_GRAPHACTIVITYLOGS, 'MicrosoftGraphActivityLogs AzureADGraphActivityLogs'],
  [AZURE_NETWORKACCESS, 'NetworkAccessTrafficLogs'],
  [O365_AUDIT, 'EnrichedOffice365AuditLogs'],
  [AZURE_STORAGE, 'StorageRead StorageWrite StorageDelete'],
  [AZURE_NSGFLOW, 'NetworkSecurityGroupFlowEvent'],
  [AZURE_VNETFLOW, 'FlowLogFlowEvent'],
  [AZURE_FIREWALL_LOGS, 'AzureFirewallApplicationRule AzureFirewallNetworkRule AzureFirewallDnsProxy'],
  [AZURE_FIREWALL_LOGS, 'AZFWNetworkRule AZFWApplicationRule AZFWNatRule AZFWThreatIntel AZFWIdpsSignature'],
  [AZURE_FIREWALL_LOGS, 'AZFWDnsQuery AZFWFqdnResolveFailure AZFWFatFlow AZFWFlowTrace'],
  [AZURE_FIREWALL_LOGS, 'AZFWNetworkRuleAggregation AZFWApplicationRuleAggregation AZFWNatRuleAggregation'],
  [AZURE_APPLICATION_GATEWAY, 'ApplicationGatewayAccessLog ApplicationGatewayFirewallLog'],
  [AZURE_FRONTDOOR_WAF, 'FrontDoorWebApplicationFirewallLog FrontdoorWebApplicationFirewallLog'],
  [AZURE_SQLAUDIT, 'SQLSecurityAuditEvents DevOpsOperationsAudit'],
  [AZURE_AKS_AUDIT, 'kube-audit kube-audit-admin'],
  [AZURE_APP_SERVICE, 'AppServiceHTTPLogs AppServiceAuditLogs AppServiceIPSecAuditLogs AppServiceAppLogs'],
  [AZURE_APP_SERVICE, 'AppServiceConsoleLogs AppServicePlatformLogs AppServiceFileAuditLogs'],
  [AZURE_APP_SERVICE, 'AppServiceAuthenticationLogs AppServiceAntivirusScanAuditLogs'],
  [AZURE_FUNCTIONS, 'FunctionAppLogs'],
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

/** Services whose further categories have the shape of those above. */
const FAMILIES: readonly (readonly [string, Dataset])[] = [
  ['azfw', AZURE_FIREWALL_LOGS],
  ['appservice', AZURE_APP_SERVICE],
]

/** The same for a category in lower case, as some ways in write it, and for one that is not yet known. */
export function datasetOfLower(category: string): Dataset | undefined {
  return LOWER.get(category) ?? FAMILIES.find(([prefix]) => category.startsWith(prefix))?.[1]
}
