import type { JsonObject } from '@weir/model'
import { type Overrides, probe } from './probe.ts'
import { probeRules } from './probe-rules.ts'

/** A record of the unified audit log. */
function audited(operation: string, workload: string): JsonObject {
  return {
    CreationTime: '2026-03-10T09:00:00',
    Id: 'b7c1a1f0-0000-4000-8000-000000000001',
    Operation: operation,
    OrganizationId: '7b0d2c1e-0000-4000-8000-00000000c0de',
    RecordType: 1,
    ResultStatus: 'Succeeded',
    UserKey: '10030000A1',
    UserType: 0,
    Version: 1,
    Workload: workload,
    ClientIP: '203.0.113.7',
    UserId: 'ada@contoso.example',
  }
}

/** What a policy that fired leaves: the alert's name is a member of its own. */
function alerted(name: string): JsonObject {
  return {
    ...audited('AlertTriggered', 'SecurityComplianceCenter'),
    RecordType: 40,
    Name: name,
    Severity: 'High',
    Data: '{}',
  }
}

/** Rule and the alert's name; the near-miss is of the next row. */
const ALERTS: readonly (readonly [string, string])[] = [
  ['microsoft365_from_susp_ip_addresses', 'Activity from suspicious IP addresses'],
  ['microsoft365_activity_by_terminated_user', 'Activity performed by terminated user'],
  ['microsoft365_activity_from_anonymous_ip_addresses', 'Activity from anonymous IP addresses'],
  ['microsoft365_activity_from_infrequent_country', 'Activity from infrequent country'],
  ['microsoft365_data_exfiltration_to_unsanctioned_app', 'Data exfiltration to unsanctioned apps'],
  ['microsoft365_impossible_travel_activity', 'Impossible travel activity'],
  ['microsoft365_logon_from_risky_ip_address', 'Log on from a risky IP address'],
  ['microsoft365_potential_ransomware_activity', 'Potential ransomware activity'],
  ['microsoft365_pst_export_alert', 'eDiscovery search started or exported'],
  ['microsoft365_susp_inbox_forwarding', 'Suspicious inbox forwarding'],
  ['microsoft365_susp_oauth_app_file_download_activities', 'Suspicious OAuth app file download activities'],
  ['microsoft365_unusual_volume_of_file_deletion', 'Unusual volume of file deletion'],
  ['microsoft365_user_restricted_from_sending_email', 'User restricted from sending email'],
]

/** Rule, operation and workload, what else the record says, and what the near-miss says instead. */
const AUDITS: readonly (readonly [string, string, string, Overrides, Overrides])[] = [
  [
    'microsoft365_bypass_conditional_access',
    'UserLoggedIn',
    'AzureActiveDirectory',
    {
      ResultStatus: 'Success',
      ApplicationId: '9ba1a5c7-f17a-4de9-a1f1-6178c8d51223',
      ObjectId: '00000002-0000-0000-c000-000000000000',
      ExtendedProperties: [{ Name: 'RequestType', Value: 'Cmsi:Cmsi' }],
    },
    { ObjectId: '0000000a-0000-0000-c000-000000000000' },
  ],
  [
    'microsoft365_disabling_mfa',
    'Disable Strong Authentication.',
    'AzureActiveDirectory',
    {},
    { Operation: 'Enable Strong Authentication.' },
  ],
  [
    'microsoft365_new_federated_domain_added_audit',
    'Add unverified domain.',
    'AzureActiveDirectory',
    {},
    { Operation: 'Remove unverified domain.' },
  ],
  [
    'microsoft365_suspicious_email_delivered',
    'TIMailData',
    'ThreatIntelligence',
    { Directionality: 'Inbound', DeliveryAction: 'Delivered' },
    { DeliveryAction: 'Blocked' },
  ],
  [
    'microsoft365_new_federated_domain_added_exchange',
    'Add-FederatedDomain',
    'Exchange',
    { ResultStatus: 'True' },
    { ResultStatus: 'False' },
  ],
  [
    'microsoft365_pst_export_alert_using_new_compliancesearchaction',
    'New-ComplianceSearchAction',
    'SecurityComplianceCenter',
    { Parameters: '-Export -SearchName "case 7" -ExchangeArchiveFormat PerUserPst' },
    { Parameters: '-Purge -SearchName "case 7"' },
  ],
]

probeRules('m365 rules over records of the unified audit log', 'sigma-rules/rules/cloud/m365', [
  ...ALERTS.map(([rule, name], at) => ({
    rule,
    hit: alerted(name),
    miss: alerted(ALERTS[(at + 1) % ALERTS.length]![1]),
  })),
  ...AUDITS.map(([rule, operation, workload, says, instead]) =>
    probe(rule, audited(operation, workload), says, instead),
  ),
])
