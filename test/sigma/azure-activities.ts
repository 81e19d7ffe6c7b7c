import { activity } from './azure-shapes.ts'
import { type Overrides, type Probe, probe } from './probe.ts'

/** Rule, an operation that it finds, and one that it does not. */
const ACTIVITIES: readonly (readonly [string, string, string])[] = [
  [
    'azure_application_gateway_modified_or_deleted',
    'MICROSOFT.NETWORK/APPLICATIONGATEWAYS/DELETE',
    'MICROSOFT.NETWORK/APPLICATIONGATEWAYS/START/ACTION',
  ],
  [
    'azure_application_security_group_modified_or_deleted',
    'MICROSOFT.NETWORK/APPLICATIONSECURITYGROUPS/WRITE',
    'MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/READ',
  ],
  [
    'azure_container_registry_created_or_deleted',
    'Microsoft.ContainerRegistry/registries/write',
    'Microsoft.ContainerRegistry/registries/listCredentials/action',
  ],
  [
    'azure_creating_number_of_resources_detection',
    'MICROSOFT.COMPUTE/VIRTUALMACHINES/WRITE',
    'MICROSOFT.COMPUTE/VIRTUALMACHINES/START/ACTION',
  ],
  [
    'azure_dns_zone_modified_or_deleted',
    'MICROSOFT.NETWORK/DNSZONES/A/WRITE',
    'MICROSOFT.NETWORK/DNSZONES/READ',
  ],
  [
    'azure_firewall_modified_or_deleted',
    'MICROSOFT.NETWORK/AZUREFIREWALLS/WRITE',
    'MICROSOFT.NETWORK/AZUREFIREWALLS/LEARNEDIPPREFIXES/ACTION',
  ],
  [
    'azure_firewall_rule_collection_modified_or_deleted',
    'MICROSOFT.NETWORK/AZUREFIREWALLS/NATRULECOLLECTIONS/DELETE',
    'MICROSOFT.NETWORK/AZUREFIREWALLS/DELETE',
  ],
  [
    'azure_granting_permission_detection',
    'MICROSOFT.AUTHORIZATION/ROLEASSIGNMENTS/WRITE',
    'MICROSOFT.AUTHORIZATION/ROLEASSIGNMENTS/DELETE',
  ],
  [
    'azure_keyvault_key_modified_or_deleted',
    'MICROSOFT.KEYVAULT/VAULTS/KEYS/PURGE/ACTION',
    'MICROSOFT.KEYVAULT/VAULTS/KEYS/READ',
  ],
  [
    'azure_keyvault_modified_or_deleted',
    'MICROSOFT.KEYVAULT/VAULTS/ACCESSPOLICIES/WRITE',
    'MICROSOFT.KEYVAULT/VAULTS/READ',
  ],
  [
    'azure_keyvault_secrets_modified_or_deleted',
    'MICROSOFT.KEYVAULT/VAULTS/SECRETS/SETSECRET/ACTION',
    'MICROSOFT.KEYVAULT/VAULTS/SECRETS/READMETADATA/ACTION',
  ],
  [
    'azure_kubernetes_admission_controller',
    'MICROSOFT.KUBERNETES/CONNECTEDCLUSTERS/ADMISSIONREGISTRATION.K8S.IO/MUTATINGWEBHOOKCONFIGURATIONS/WRITE',
    'MICROSOFT.KUBERNETES/CONNECTEDCLUSTERS/ADMISSIONREGISTRATION.K8S.IO/MUTATINGWEBHOOKCONFIGURATIONS/READ',
  ],
  [
    'azure_kubernetes_cluster_created_or_deleted',
    'MICROSOFT.KUBERNETES/CONNECTEDCLUSTERS/DELETE',
    'MICROSOFT.KUBERNETES/CONNECTEDCLUSTERS/LISTCLUSTERUSERCREDENTIAL/ACTION',
  ],
  [
    'azure_kubernetes_cronjob',
    'MICROSOFT.CONTAINERSERVICE/MANAGEDCLUSTERS/BATCH/CRONJOBS/WRITE',
    'MICROSOFT.CONTAINERSERVICE/MANAGEDCLUSTERS/BATCH/CRONJOBS/DELETE',
  ],
  [
    'azure_kubernetes_events_deleted',
    'MICROSOFT.KUBERNETES/CONNECTEDCLUSTERS/EVENTS.K8S.IO/EVENTS/DELETE',
    'MICROSOFT.KUBERNETES/CONNECTEDCLUSTERS/EVENTS.K8S.IO/EVENTS/WRITE',
  ],
  [
    'azure_kubernetes_network_policy_change',
    'MICROSOFT.KUBERNETES/CONNECTEDCLUSTERS/EXTENSIONS/NETWORKPOLICIES/WRITE',
    'MICROSOFT.KUBERNETES/CONNECTEDCLUSTERS/EXTENSIONS/INGRESSES/WRITE',
  ],
  [
    'azure_kubernetes_pods_deleted',
    'MICROSOFT.KUBERNETES/CONNECTEDCLUSTERS/PODS/DELETE',
    'MICROSOFT.KUBERNETES/CONNECTEDCLUSTERS/PODS/WRITE',
  ],
  [
    'azure_kubernetes_role_access',
    'MICROSOFT.KUBERNETES/CONNECTEDCLUSTERS/RBAC.AUTHORIZATION.K8S.IO/CLUSTERROLES/BIND/ACTION',
    'MICROSOFT.KUBERNETES/CONNECTEDCLUSTERS/RBAC.AUTHORIZATION.K8S.IO/CLUSTERROLES/READ',
  ],
  [
    'azure_kubernetes_rolebinding_modified_or_deleted',
    'MICROSOFT.KUBERNETES/CONNECTEDCLUSTERS/RBAC.AUTHORIZATION.K8S.IO/ROLEBINDINGS/WRITE',
    'MICROSOFT.KUBERNETES/CONNECTEDCLUSTERS/RBAC.AUTHORIZATION.K8S.IO/ROLES/WRITE',
  ],
  [
    'azure_kubernetes_secret_or_config_object_access',
    'MICROSOFT.KUBERNETES/CONNECTEDCLUSTERS/SECRETS/WRITE',
    'MICROSOFT.KUBERNETES/CONNECTEDCLUSTERS/SECRETS/READ',
  ],
  [
    'azure_kubernetes_service_account_modified_or_deleted',
    'MICROSOFT.KUBERNETES/CONNECTEDCLUSTERS/SERVICEACCOUNTS/IMPERSONATE/ACTION',
    'MICROSOFT.KUBERNETES/CONNECTEDCLUSTERS/SERVICES/WRITE',
  ],
  [
    'azure_network_firewall_policy_modified_or_deleted',
    'MICROSOFT.NETWORK/FIREWALLPOLICIES/JOIN/ACTION',
    'MICROSOFT.NETWORK/FIREWALLPOLICIES/READ',
  ],
  [
    'azure_network_firewall_rule_modified_or_deleted',
    'MICROSOFT.NETWORK/FIREWALLPOLICIES/RULECOLLECTIONGROUPS/WRITE',
    'MICROSOFT.NETWORK/FIREWALLPOLICIES/WRITE',
  ],
  [
    'azure_network_p2s_vpn_modified_or_deleted',
    'MICROSOFT.NETWORK/P2SVPNGATEWAYS/RESET/ACTION',
    'MICROSOFT.NETWORK/P2SVPNGATEWAYS/READ',
  ],
  [
    'azure_network_security_modified_or_deleted',
    'MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/SECURITYRULES/DELETE',
    'MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/SECURITYRULES/READ',
  ],
  [
    'azure_network_virtual_device_modified_or_deleted',
    'MICROSOFT.NETWORK/VIRTUALHUBS/WRITE',
    'MICROSOFT.NETWORK/VIRTUALWANS/WRITE',
  ],
  ['azure_new_cloudshell_created', 'MICROSOFT.PORTAL/CONSOLES/WRITE', 'MICROSOFT.PORTAL/CONSOLES/DELETE'],
  [
    'azure_rare_operations',
    'MICROSOFT.STORAGE/STORAGEACCOUNTS/LISTKEYS/ACTION',
    'MICROSOFT.STORAGE/STORAGEACCOUNTS/LISTACCOUNTSAS/ACTION',
  ],
  [
    'azure_subscription_permissions_elevation_via_activitylogs',
    'Microsoft.Authorization/elevateAccess/action',
    'Microsoft.Authorization/classicAdministrators/write',
  ],
  [
    'azure_suppression_rule_created',
    'MICROSOFT.SECURITY/ALERTSSUPPRESSIONRULES/WRITE',
    'MICROSOFT.SECURITY/ALERTSSUPPRESSIONRULES/DELETE',
  ],
  [
    'azure_virtual_network_modified_or_deleted',
    'MICROSOFT.NETWORK/VIRTUALNETWORKS/SUBNETS/WRITE',
    'MICROSOFT.NETWORK/VIRTUALNETWORKS/SUBNETS/JOIN/ACTION',
  ],
  [
    'azure_vpn_connection_modified_or_deleted',
    'MICROSOFT.NETWORK/VPNGATEWAYS/VPNCONNECTIONS/DELETE',
    'MICROSOFT.NETWORK/VPNGATEWAYS/DELETE',
  ],
]

const ADFS =
  '/subscriptions/0a0b/providers/Microsoft.ADHybridHealthService/services/AdFederationService-sts.contoso.example'

/** Rule, operation, what else the record says, and what the near-miss says instead. */
const ACTIVITIES_LONG: readonly (readonly [string, string, Overrides, Overrides])[] = [
  [
    'azure_aadhybridhealth_adfs_new_server',
    'Microsoft.ADHybridHealthService/services/servicemembers/action',
    { resourceId: ADFS },
    { resourceId: ADFS.replace('AdFederation', 'AadSync') },
  ],
  [
    'azure_aadhybridhealth_adfs_service_delete',
    'MICROSOFT.ADHYBRIDHEALTHSERVICE/SERVICES/DELETE',
    { resourceId: ADFS.toUpperCase(), category: 'Delete' },
    { operationName: 'MICROSOFT.ADHYBRIDHEALTHSERVICE/SERVICES/WRITE' },
  ],
  [
    'azure_device_or_configuration_modified_or_deleted',
    'MICROSOFT.DEVICES/IOTHUBS/WRITE',
    { 'properties.message': 'Delete device configuration' },
    { 'properties.message': 'Read device configuration' },
  ],
]

export const ACTIVITY_PROBES: readonly Probe[] = [
  ...ACTIVITIES.map(([rule, hit, miss]) => ({ rule, hit: activity(hit), miss: activity(miss) })),
  ...ACTIVITIES_LONG.map(([rule, operation, says, instead]) =>
    probe(rule, activity(operation), says, instead),
  ),
]
