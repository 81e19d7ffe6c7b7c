import { ACTIVITY_PROBES } from './azure-activities.ts'
import { AUDIT_PROBES } from './azure-audits.ts'
import { RISK_PROBES } from './azure-risks.ts'
import { SIGNIN_PROBES } from './azure-signins.ts'
import { probeRules } from './probe-rules.ts'

probeRules('azure rules over records as Azure Monitor exports them', 'sigma-rules/rules/cloud/azure', [
  ...ACTIVITY_PROBES,
  ...AUDIT_PROBES,
  ...SIGNIN_PROBES,
  ...RISK_PROBES,
])
