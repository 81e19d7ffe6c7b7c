import type { Dataset } from '@weir/model'
import { AWS_CLOUDTRAIL } from './datasets/aws-cloudtrail.ts'
import { AWS_IAM_CREDENTIAL_REPORT } from './datasets/aws-iam-credential-report.ts'
import { AZURE_ACTIVITYLOGS } from './datasets/azure-activitylogs.ts'
import { AZURE_AKS_AUDIT } from './datasets/azure-aks-audit.ts'
import { AZURE_APP_SERVICE } from './datasets/azure-app-service.ts'
import { AZURE_APPLICATION_GATEWAY } from './datasets/azure-application-gateway.ts'
import { AZURE_AUDITLOGS } from './datasets/azure-auditlogs.ts'
import { AZURE_FIREWALL_LOGS } from './datasets/azure-firewall-logs.ts'
import { AZURE_FRONTDOOR_WAF } from './datasets/azure-frontdoor-waf.ts'
import { AZURE_FUNCTIONS } from './datasets/azure-functions.ts'
import { AZURE_GRAPHACTIVITYLOGS } from './datasets/azure-graphactivitylogs.ts'
import { AZURE_IDENTITY_PROTECTION } from './datasets/azure-identity-protection.ts'
import { AZURE_KEYVAULT } from './datasets/azure-keyvault.ts'
import { AZURE_NETWORKACCESS } from './datasets/azure-networkaccess.ts'
import { AZURE_NSGFLOW } from './datasets/azure-nsgflow.ts'
import { AZURE_PLATFORMLOGS } from './datasets/azure-platformlogs.ts'
import { AZURE_PROVISIONING } from './datasets/azure-provisioning.ts'
import { AZURE_SIGNINLOGS } from './datasets/azure-signinlogs.ts'
import { AZURE_SQLAUDIT } from './datasets/azure-sqlaudit.ts'
import { AZURE_STORAGE } from './datasets/azure-storage.ts'
import { AZURE_VNETFLOW } from './datasets/azure-vnetflow.ts'
import { CEF_LOG } from './datasets/cef-log.ts'
import { GENERIC } from './datasets/generic.ts'
import { LEEF_LOG } from './datasets/leef-log.ts'
import { M365_DEFENDER_ALERT } from './datasets/m365-defender-alert.ts'
import { M365_DEFENDER_EVENT } from './datasets/m365-defender-event.ts'
import { MICROSOFT_DEFENDER_CLOUD_EVENT } from './datasets/microsoft-defender-cloud-event.ts'
import { O365_AUDIT } from './datasets/o365-audit.ts'
import { SYSTEM_SYSLOG } from './datasets/system-syslog.ts'
import { WEIR_CANARY } from './datasets/weir-canary.ts'
import { WINDOWS_EVENTLOG, WINDOWS_SECURITY } from './datasets/windows.ts'

/** Every dataset, by name. */
export const DATASETS: ReadonlyMap<string, Dataset> = new Map(
  [
    AZURE_SIGNINLOGS,
    AZURE_AUDITLOGS,
    AZURE_IDENTITY_PROTECTION,
    AZURE_PROVISIONING,
    AZURE_GRAPHACTIVITYLOGS,
    AZURE_NETWORKACCESS,
    AZURE_ACTIVITYLOGS,
    AZURE_KEYVAULT,
    AZURE_STORAGE,
    AZURE_NSGFLOW,
    AZURE_VNETFLOW,
    AZURE_FIREWALL_LOGS,
    AZURE_APPLICATION_GATEWAY,
    AZURE_FRONTDOOR_WAF,
    AZURE_SQLAUDIT,
    AZURE_AKS_AUDIT,
    AZURE_APP_SERVICE,
    AZURE_FUNCTIONS,
    AZURE_PLATFORMLOGS,
    MICROSOFT_DEFENDER_CLOUD_EVENT,
    M365_DEFENDER_EVENT,
    M365_DEFENDER_ALERT,
    AWS_CLOUDTRAIL,
    AWS_IAM_CREDENTIAL_REPORT,
    O365_AUDIT,
    WINDOWS_SECURITY,
    WINDOWS_EVENTLOG,
    SYSTEM_SYSLOG,
    CEF_LOG,
    LEEF_LOG,
    GENERIC,
    WEIR_CANARY,
  ].map((dataset) => [dataset.name, dataset]),
)
