// The names that made-up records and rules share. The front of each list is what a tenant does all day (the
// records draw from it); rules mostly ask for what lies behind, and rarely occurs.

function combined(
  first: readonly string[],
  second: readonly string[],
  join: (a: string, b: string) => string,
): string[] {
  // Diagonally, so that the front of the list mixes all of both.
  const all: string[] = []
  for (let offset = 0; offset < first.length; offset++)
    for (let index = 0; index < second.length; index++)
      all.push(join(first[(index + offset) % first.length]!, second[index]!))
  return all
}

/** Names that records use, first in each list; rules ask for those behind. */
export const COMMON_MAX = 60

const CLOUD_VERBS =
  'Describe List Get Put Create Update Delete Attach Detach Enable Disable Start Stop Modify Tag'.split(' ')
const CLOUD_NOUNS = (
  'Instances Buckets Roles Users Keys Policies Trails Detectors Functions Volumes Snapshots Images Subnets Vpcs ' +
  'Gateways Clusters Secrets Parameters Queues Topics Tables Streams Alarms Groups Certificates Domains Zones ' +
  'Endpoints Pipelines Stacks Repositories Layers Aliases Sessions Devices Grants Providers Rules Filters Jobs'
).split(' ')
export const CLOUD_CALLS = combined(CLOUD_VERBS, CLOUD_NOUNS, (verb, noun) => verb + noun)
export const CLOUD_SOURCES = (
  'ec2 s3 iam sts kms cloudtrail guardduty lambda rds eks ecs secretsmanager ssm sqs sns dynamodb kinesis ' +
  'cloudwatch config route53 acm elasticfilesystem codepipeline cloudformation ecr'
)
  .split(' ')
  .map((name) => `${name}.amazonaws.com`)

const ARM_TYPES = (
  'COMPUTE/VIRTUALMACHINES COMPUTE/DISKS STORAGE/STORAGEACCOUNTS KEYVAULT/VAULTS NETWORK/VIRTUALNETWORKS ' +
  'NETWORK/NETWORKSECURITYGROUPS NETWORK/AZUREFIREWALLS NETWORK/PUBLICIPADDRESSES AUTHORIZATION/ROLEASSIGNMENTS ' +
  'SQL/SERVERS SQL/SERVERS/FIREWALLRULES WEB/SITES CONTAINERSERVICE/MANAGEDCLUSTERS AUTOMATION/AUTOMATIONACCOUNTS ' +
  'INSIGHTS/DIAGNOSTICSETTINGS OPERATIONALINSIGHTS/WORKSPACES EVENTHUB/NAMESPACES LOGIC/WORKFLOWS ' +
  'RECOVERYSERVICES/VAULTS MANAGEDIDENTITY/USERASSIGNEDIDENTITIES'
).split(' ')
const ARM_ACTIONS = (
  'READ WRITE DELETE ACTION LISTKEYS/ACTION START/ACTION RESTART/ACTION DEALLOCATE/ACTION JOIN/ACTION ' +
  'REGENERATEKEY/ACTION RUNCOMMAND/ACTION LISTCREDENTIALS/ACTION MOVE/ACTION EXPORT/ACTION'
).split(' ')
export const ARM_OPERATIONS = combined(
  ARM_ACTIONS,
  ARM_TYPES,
  (action, type) => `MICROSOFT.${type}/${action}`,
)

const AUDIT_VERBS =
  'Add Update Delete Remove Restore Disable Enable Reset Assign Invite Consent Register'.split(' ')
const AUDIT_NOUNS = (
  'user|group|member to group|member to role|application|service principal|policy|device|' +
  'app role assignment to service principal|delegated permission grant|conditional access policy|' +
  'owner to application|owner to group|external user|domain|password|license|administrative unit|' +
  'eligible member to role|named location'
).split('|')
export const AUDIT_ACTIVITIES = combined(AUDIT_VERBS, AUDIT_NOUNS, (verb, noun) => `${verb} ${noun}`)

const APP_WORDS =
  'Portal Mail Drive Teams Shell Graph Desktop Mobile Sync Admin Backup Reports Forms Wiki Build'.split(' ')
const APP_OWNERS =
  'Contoso Fabrikam Adatum Northwind Tailspin Litware Proseware Wingtip Relecloud Woodgrove'.split(' ')
export const APPS = combined(APP_OWNERS, APP_WORDS, (owner, word) => `${owner} ${word}`)

/** Zero and a few prompts make up nearly all of the sign-ins. */
export const CODES_COMMON_MAX = 8
export const ERROR_CODES = [
  0, 50140, 50126, 50074, 50076, 65001, 50058, 50097, 50053, 50034, 50055, 50057, 50072, 50078, 50079, 50105,
  50125, 50131, 50132, 50133, 50144, 50155, 50158, 50173, 50196, 50199, 53000, 53001, 53002, 53003, 500011,
  500121, 500133, 500212, 500213, 530032, 700016, 700082, 7000215, 7000222, 70008, 70043, 70044, 81010, 90014,
  90025, 90072, 90094,
]

export const CLIENTS = [
  'Browser',
  'Mobile Apps and Desktop clients',
  'Exchange ActiveSync',
  'IMAP4',
  'POP3',
  'Authenticated SMTP',
  'Other clients',
]
export const COUNTRIES = ['DE', 'CZ', 'AT', 'FR', 'NL', 'PL', 'GB', 'US', 'BR', 'IN', 'SG', 'JP']
export const AGENTS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 14_6) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15',
  'Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0',
  'aws-cli/2.19.1 md/awscrt#0.22.0 ua/2.0 os/linux#6.1 lang/python#3.12.6 exec-env/EC2',
  'Boto3/1.35.60 md/Botocore#1.35.60 ua/2.0 os/linux#5.15 lang/python#3.11.9',
]
export const AGENT_MARKS = [
  'python-requests',
  'curl/',
  'Kali',
  'AADInternals',
  'ROADtools',
  'azurehound',
  'pacu',
  'fasthttp',
  'okhttp',
  'axios',
]
