import type { FieldMap } from './field-map.ts'
import awsCloudtrail from './maps/aws-cloudtrail.json' with { type: 'json' }
import azureActivitylogs from './maps/azure-activitylogs.json' with { type: 'json' }
import azureAuditlogs from './maps/azure-auditlogs.json' with { type: 'json' }
import azurePim from './maps/azure-pim.json' with { type: 'json' }
import azureRiskdetection from './maps/azure-riskdetection.json' with { type: 'json' }
import azureSigninlogs from './maps/azure-signinlogs.json' with { type: 'json' }
import m365Audit from './maps/m365-audit.json' with { type: 'json' }
import m365Exchange from './maps/m365-exchange.json' with { type: 'json' }
import m365ThreatDetection from './maps/m365-threat_detection.json' with { type: 'json' }
import m365ThreatManagement from './maps/m365-threat_management.json' with { type: 'json' }
import { readFieldMap } from './read-field-map.ts'

/** The maps that come with Weir, one for each Sigma log source. */
export const SIGMA_MAPS: readonly FieldMap[] = [
  awsCloudtrail,
  azureActivitylogs,
  azureAuditlogs,
  azurePim,
  azureRiskdetection,
  azureSigninlogs,
  m365Audit,
  m365Exchange,
  m365ThreatDetection,
  m365ThreatManagement,
].map((map) => readFieldMap(map))
