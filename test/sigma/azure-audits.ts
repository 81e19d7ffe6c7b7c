import type { JsonValue } from '@weir/model'
import { audit, target } from './azure-shapes.ts'
import { type Overrides, type Probe, probe } from './probe.ts'

/** Rule, operation found, operation not found. */
const AUDITS: readonly (readonly [string, string, string])[] = [
  [
    'azure_aad_secops_ca_policy_removedby_bad_actor',
    'Delete conditional access policy',
    'Update conditional access policy',
  ],
  [
    'azure_aad_secops_ca_policy_updatedby_bad_actor',
    'Update conditional access policy',
    'Add conditional access policy',
  ],
  [
    'azure_aad_secops_new_ca_policy_addedby_bad_actor',
    'Add conditional access policy',
    'Delete conditional access policy',
  ],
  ['azure_app_appid_uri_changes', 'Update application', 'Add application'],
  [
    'azure_app_credential_added',
    'Update application \u2013 Certificates and secrets management ',
    'Update external secrets',
  ],
  [
    'azure_app_delegated_permissions_all_users',
    'Add delegated permission grant',
    'Remove delegated permission grant',
  ],
  ['azure_app_owner_added', 'Add owner to application', 'Add owner to group'],
  [
    'azure_app_permissions_msft',
    'Add app role assignment to service principal',
    'Remove app role assignment from service principal',
  ],
  [
    'azure_app_privileged_permissions',
    'Add app role assignment to service principal.',
    'Add app role assignment grant to user',
  ],
  ['azure_application_deleted', 'Hard Delete application', 'Restore application'],
  ['azure_device_no_longer_managed_or_compliant', 'Device no longer compliant', 'Device compliant'],
  ['azure_federation_modified', 'Set federation settings on domain', 'Set domain authentication'],
  ['azure_group_user_addition_ca_modification', 'Add member to group', 'Add owner to group'],
  ['azure_group_user_removal_ca_modification', 'Remove member from group', 'Remove owner from group'],
  [
    'azure_owner_removed_from_application_or_service_principal',
    'Remove owner from service principal',
    'Remove owner from group',
  ],
  [
    'azure_pim_activation_approve_deny',
    'Add member to role request denied (PIM activation)',
    'Add member to role requested (PIM activation)',
  ],
  ['azure_pim_alerts_disabled', 'Disable PIM alert', 'Enable PIM alert'],
  ['azure_pim_change_settings', 'Update role setting in PIM', 'Update role'],
  [
    'azure_priviledged_role_assignment_add',
    'Add eligible member to role in PIM completed (permanent)',
    'Add eligible member to role in PIM requested (permanent)',
  ],
  [
    'azure_priviledged_role_assignment_bulk_change',
    'Remove eligible member from role in PIM completed (timebound)',
    'Remove eligible member from role in PIM requested (timebound)',
  ],
  ['azure_service_principal_created', 'Add service principal', 'Add service principal credentials'],
  ['azure_service_principal_removed', 'Remove service principal', 'Hard delete service principal'],
]

const role = (name: string): JsonValue => [target('User', [['Role.DisplayName', null, `"${name}"`]])]
const mfaState = (state: number): JsonValue => [
  target('User', [
    [
      'StrongAuthenticationRequirement',
      '[{"RelyingParty":"*","State":1}]',
      `[{"RelyingParty":"*","State":${state}}]`,
    ],
  ]),
]

/** Rule, operation, what else the record says, and what the near-miss says instead. */
const AUDITS_LONG: readonly (readonly [string, string, Overrides, Overrides])[] = [
  ['azure_ad_account_created_deleted', 'Delete user', {}, { 'properties.result': 'failure' }],
  [
    'azure_ad_bitlocker_key_retrieval',
    'Read BitLocker key',
    { 'properties.category': 'KeyManagement' },
    { 'properties.category': 'Device' },
  ],
  [
    'azure_ad_certificate_based_authencation_enabled',
    'Authentication Methods Policy Update',
    {
      'properties.targetResources': [
        target('Policy', [['AuthenticationMethodsPolicy', '{}', '{"id":"authenticationMethodsPolicy"}']]),
      ],
    },
    { 'properties.targetResources': [target('Policy', [['PasswordProtectionPolicy', '{}', '{}']])] },
  ],
  [
    'azure_ad_device_registration_policy_changes',
    'Set device registration policies',
    { 'properties.category': 'Policy' },
    { 'properties.category': 'Device' },
  ],
  [
    'azure_ad_new_root_ca_added',
    'Set Company Information.',
    {
      'properties.targetResources': [
        target('Directory', [['Included Updated Properties', null, '"TrustedCAsForPasswordlessAuth"']]),
      ],
    },
    {
      'properties.targetResources': [
        target('Directory', [
          ['Included Updated Properties', '"TrustedCAsForPasswordlessAuth"', '"TechnicalNotificationMails"'],
        ]),
      ],
    },
  ],
  [
    'azure_ad_user_added_to_admin_role',
    'Add member to role.',
    { 'properties.targetResources': role('Global Administrator') },
    { 'properties.targetResources': role('Directory Readers') },
  ],
  [
    'azure_ad_users_added_to_device_admin_roles',
    'Add eligible member to role in PIM completed (permanent)',
    {
      'properties.category': 'RoleManagement',
      'properties.targetResources': [target('Role', [], { id: '62e90394-69f5-4237-9190-012177145e10' })],
    },
    { 'properties.targetResources': [target('Role', [], { id: '88d8e3e3-8f55-4a1e-953a-9b9898b8876b' })] },
  ],
  [
    'azure_app_end_user_consent',
    'Consent to application',
    {
      'properties.targetResources': [
        target('ServicePrincipal', [['ConsentContext.IsAdminConsent', null, '"False"']]),
      ],
    },
    {
      'properties.targetResources': [
        target('ServicePrincipal', [['ConsentContext.IsAdminConsent', null, '"True"']]),
      ],
    },
  ],
  [
    'azure_app_end_user_consent_blocked',
    'Consent to application',
    {
      'properties.result': 'failure',
      'properties.resultReason': 'Microsoft.Online.Security.UserConsentBlockedForRiskyAppsException',
    },
    { 'properties.resultReason': 'Microsoft.Online.Security.UserConsentBlockedException' },
  ],
  [
    'azure_app_role_added',
    'Add member to role',
    { 'properties.targetResources': [target('ServicePrincipal', [])] },
    { 'properties.targetResources': [target('User', [])] },
  ],
  [
    'azure_app_uri_modifications',
    'Update application',
    {
      'properties.targetResources': [
        target('Application', [
          ['AppAddress', '[]', '[{"AddressType":0,"Address":"https://app.contoso.example"}]'],
        ]),
      ],
    },
    { 'properties.targetResources': [target('Application', [['DisplayName', '["A"]', '["B"]']])] },
  ],
  [
    'azure_auditlogs_laps_credential_dumping',
    'Recover device local administrator password',
    {
      'properties.category': 'Device',
      'properties.additionalDetails': [
        { key: 'AdditionalInfo', value: 'Successfully recovered local credential by device id' },
      ],
    },
    { 'properties.additionalDetails': [{ key: 'AdditionalInfo', value: 'No local credential was found' }] },
  ],
  [
    'azure_change_to_authentication_method',
    'User registered security info',
    { 'properties.category': 'UserManagement', 'properties.loggedByService': 'Authentication Methods' },
    { 'properties.loggedByService': 'Core Directory' },
  ],
  [
    'azure_guest_invite_failure',
    'Invite external user',
    { 'properties.result': 'failure' },
    { 'properties.result': 'success' },
  ],
  [
    'azure_guest_to_member',
    'Update user',
    {
      'properties.category': 'UserManagement',
      'properties.targetResources': [target('User', [['UserType', '["Guest"]', '["Member"]']])],
    },
    { 'properties.targetResources': [target('User', [['UserType', '["Member"]', '["Guest"]']])] },
  ],
  ['azure_mfa_disabled', 'Disable Strong Authentication.', {}, { 'properties.result': 'failure' }],
  // Of one record it asks for both activities: nothing that Entra ID writes holds them.
  ['azure_privileged_account_creation', 'Add user, Add member to role', {}, { operationName: 'Add user' }],
  [
    'azure_subscription_permissions_elevation_via_auditlogs',
    'User has elevated their access to User Access Administrator for their Azure Resources',
    { 'properties.category': 'AzureRBACRoleManagementElevateAccess' },
    { operationName: 'The role assignment of User Access Administrator has been removed from the user' },
  ],
  [
    'azure_tap_added',
    'Admin registered security info',
    { 'properties.resultReason': 'Admin registered temporary access pass method for user' },
    { 'properties.resultReason': 'Admin registered phone method for user' },
  ],
  [
    'azure_update_risk_and_mfa_registration_policy',
    'Update User Risk and MFA Registration Policy',
    { 'properties.category': 'Policy', 'properties.loggedByService': 'AAD Management UX' },
    { 'properties.category': 'Other' },
  ],
  [
    'azure_user_account_mfa_disable',
    'Update user',
    { 'properties.category': 'UserManagement', 'properties.targetResources': mfaState(0) },
    { 'properties.targetResources': mfaState(2) },
  ],
  [
    'azure_user_password_change',
    'Reset password (self-service)',
    { 'properties.category': 'UserManagement' },
    { 'properties.initiatedBy': { app: { appId: 'a1', displayName: 'Sync', servicePrincipalId: 'b1' } } },
  ],
]

export const AUDIT_PROBES: readonly Probe[] = [
  ...AUDITS.map(([rule, hit, miss]) => ({ rule, hit: audit(hit), miss: audit(miss) })),
  ...AUDITS_LONG.map(([rule, operation, says, instead]) => probe(rule, audit(operation), says, instead)),
]
