import type { JsonObject } from '@weir/model'
import { audit, risk, target } from './azure-shapes.ts'
import { changed, type Probe } from './probe.ts'

/** Rule, and the detection that it finds; the near-miss is of the next row. */
const RISKS: readonly (readonly [string, string])[] = [
  ['azure_identity_protection_anomalous_token', 'anomalousToken'],
  ['azure_identity_protection_anomalous_user', 'anomalousUserActivity'],
  ['azure_identity_protection_anonymous_ip_activity', 'riskyIPAddress'],
  ['azure_identity_protection_anonymous_ip_address', 'anonymizedIPAddress'],
  ['azure_identity_protection_atypical_travel', 'unlikelyTravel'],
  ['azure_identity_protection_impossible_travel', 'impossibleTravel'],
  ['azure_identity_protection_inbox_forwarding_rule', 'suspiciousInboxForwarding'],
  ['azure_identity_protection_inbox_manipulation', 'mcasSuspiciousInboxManipulationRules'],
  ['azure_identity_protection_leaked_credentials', 'leakedCredentials'],
  ['azure_identity_protection_malicious_ip_address', 'maliciousIPAddress'],
  ['azure_identity_protection_malicious_ip_address_suspicious', 'suspiciousIPAddress'],
  ['azure_identity_protection_malware_linked_ip', 'malwareInfectedIPAddress'],
  ['azure_identity_protection_new_coutry_region', 'newCountry'],
  ['azure_identity_protection_password_spray', 'passwordSpray'],
  ['azure_identity_protection_prt_access', 'attemptedPrtAccess'],
  ['azure_identity_protection_suspicious_browser', 'suspiciousBrowser'],
  ['azure_identity_protection_threat_intel', 'investigationsThreatIntelligence'],
  ['azure_identity_protection_token_issuer_anomaly', 'tokenIssuerAnomaly'],
  ['azure_identity_protection_unfamilar_sign_in', 'unfamiliarFeatures'],
]

/** Rule, and the alert that the audit names; the near-miss is of the next row. */
const PIM_ALERTS: readonly (readonly [string, string])[] = [
  ['azure_pim_account_stale', 'Potential stale accounts in a privileged role'],
  [
    'azure_pim_invalid_license',
    "The organization doesn't have Microsoft Entra ID P2 or Microsoft Entra ID Governance",
  ],
  [
    'azure_pim_role_assigned_outside_of_pim',
    'Roles are being assigned outside of Privileged Identity Management',
  ],
  ['azure_pim_role_frequent_activation', 'Roles are being activated too frequently'],
  ['azure_pim_role_no_mfa_required', "Roles don't require multifactor authentication for activation"],
  ['azure_pim_role_not_used', "Administrators aren't using their privileged roles"],
  ['azure_pim_too_many_global_admins', 'There are too many Global Administrators'],
]

export const RISK_PROBES: readonly Probe[] = [
  ...RISKS.map(([rule, type], at) => ({ rule, hit: riskOf(type), miss: riskOf(nextOf(RISKS, at)) })),
  ...PIM_ALERTS.map(([rule, name], at) => ({
    rule,
    hit: pimAlert(name),
    miss: pimAlert(nextOf(PIM_ALERTS, at)),
  })),
]

function pimAlert(name: string): JsonObject {
  return changed(audit('Triggered PIM alert'), {
    'properties.category': 'RoleManagement',
    'properties.loggedByService': 'PIM',
    'properties.targetResources': [target('Other', [], { displayName: name })],
  })
}

function riskOf(type: string): JsonObject {
  return changed(risk(), { 'properties.riskEventType': type, 'properties.riskType': type })
}

function nextOf(table: readonly (readonly [string, string])[], at: number): string {
  return table[(at + 1) % table.length]![1]
}
