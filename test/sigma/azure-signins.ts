import { failed, signin } from './azure-shapes.ts'
import { type Overrides, type Probe, probe } from './probe.ts'

const OK_SINGLE: Overrides = { 'properties.authenticationRequirement': 'singleFactorAuthentication' }

/** Rule, what the sign-in says, and what the near-miss says instead. */
const SIGNINS: readonly (readonly [string, Overrides, Overrides])[] = [
  [
    'azure_account_lockout',
    failed(50053, 'The account is locked'),
    failed(50057, 'The user account is disabled.'),
  ],
  [
    'azure_ad_azurehound_discovery',
    { 'properties.userAgent': 'AzureHound/2.0' },
    failed(50126, 'Invalid username or password'),
  ],
  [
    'azure_ad_device_registration_or_join_without_mfa',
    { ...OK_SINGLE, 'properties.resourceDisplayName': 'Device Registration Service' },
    { 'properties.authenticationRequirement': 'multiFactorAuthentication' },
  ],
  ['azure_ad_only_single_factor_auth_required', OK_SINGLE, failed(50126, 'Invalid username or password')],
  [
    'azure_ad_risky_sign_ins_with_singlefactorauth_from_unknown_devices',
    { ...OK_SINGLE, 'properties.riskState': 'atRisk', 'properties.deviceDetail.trustType': '' },
    { 'properties.deviceDetail.trustType': 'Hybrid Azure AD joined' },
  ],
  [
    'azure_ad_sign_ins_from_noncompliant_devices',
    { 'properties.deviceDetail.isCompliant': false },
    { 'properties.deviceDetail.isCompliant': null },
  ],
  [
    'azure_ad_sign_ins_from_unknown_devices',
    { ...OK_SINGLE, 'properties.networkLocationDetails': [], 'properties.deviceDetail.deviceId': '' },
    { 'properties.networkLocationDetails': [{ networkType: 'trustedNamedLocation', networkNames: ['HQ'] }] },
  ],
  [
    'azure_ad_suspicious_signin_bypassing_mfa',
    { 'properties.userAgent': 'BAV2ROPC' },
    { 'properties.userAgent': 'Mozilla/5.0' },
  ],
  [
    'azure_app_device_code_authentication',
    { 'properties.authenticationProtocol': 'deviceCode' },
    { 'properties.authenticationProtocol': 'oAuth2' },
  ],
  [
    'azure_app_ropc_authentication',
    { 'properties.authenticationProtocol': 'ropc' },
    { 'properties.authenticationProtocol': 'none' },
  ],
  [
    'azure_blocked_account_attempt',
    failed(50057, 'The user account is disabled.'),
    failed(50053, 'The account is locked'),
  ],
  [
    'azure_conditional_access_failure',
    failed(
      53003,
      'Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.',
    ),
    failed(53001, 'Device is not in required device state'),
  ],
  [
    'azure_legacy_authentication_protocols',
    { 'properties.clientAppUsed': 'IMAP4' },
    { 'properties.clientAppUsed': 'Mobile Apps and Desktop clients' },
  ],
  [
    'azure_login_to_disabled_account',
    failed(50057, 'User account is disabled. The account has been disabled by an administrator.'),
    failed(50057, 'Something else went wrong.'),
  ],
  [
    'azure_mfa_denies',
    failed(500121, 'Authentication failed.', 'MFA denied; user declined the authentication'),
    failed(500121, 'Authentication failed.', 'MFA completed in Azure AD'),
  ],
  [
    'azure_mfa_interrupted',
    failed(50074, 'Strong Authentication is required.'),
    failed(50076, 'Strong Authentication is required.'),
  ],
  [
    'azure_unusual_authentication_interruption',
    failed(50158, 'External security challenge was not satisfied.'),
    failed(50158, 'Another reason.'),
  ],
  [
    'azure_user_login_blocked_by_conditional_access',
    failed(53003, 'Blocked'),
    failed(53000, 'Device is not compliant'),
  ],
]

export const SIGNIN_PROBES: readonly Probe[] = SIGNINS.map(([rule, says, instead]) =>
  probe(rule, signin(), says, instead),
)
