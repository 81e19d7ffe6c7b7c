import type { Span } from './background.ts'
import type { Happening } from './planned.ts'
import type { Random } from './random.ts'
import { activity } from './records/activity.ts'
import { audit, modified, userTarget } from './records/audit.ts'
import { awsCall, userIdentity } from './records/cloudtrail.ts'
import { vaultCall } from './records/key-vault.ts'
import { userSignIn } from './records/sign-in.ts'
import { type StorageCall, storageCall } from './records/storage.ts'
import { cmdlet, unifiedAudit } from './records/unified-audit.ts'
import type { Tenant, User } from './tenant.ts'
import { HOUR_MS } from './times.ts'

/** What looks like an attack up to the point that matters; no rule should make an alert of it. */
export function nearMisses(tenant: Tenant, random: Random, span: Span): Happening[] {
  return [
    ...typos(tenant, random, span),
    ...refusedFactors(tenant, random, span),
    ...directory(tenant, random, span),
    ...vaultsAndFiles(tenant, random, span),
    ...resources(tenant, random, span),
    ...aws(tenant, random, span),
    ...mailRules(tenant, random, span),
  ]
}

/** People who mistype their password, at the rate of thirteen people an hour. */
const TYPING_PEOPLE_PER_HOUR = 13

function typos(tenant: Tenant, random: Random, span: Span): Happening[] {
  const people = Math.round(((span.to - span.from) / HOUR_MS) * TYPING_PEOPLE_PER_HOUR)
  return Array.from({ length: people }, () => {
    const user = random.pick(tenant.users)
    const start = random.between(span.from, span.to - 200_000)
    const codes = [...Array<number>(random.between(1, 3)).fill(50126), 0]
    return codes.map((errorCode, n) =>
      signIn(tenant, user, start + n * random.between(9_000, 40_000), errorCode),
    )
  }).flat()
}

/** A second factor not passed, once and never many times. */
function refusedFactors(tenant: Tenant, random: Random, span: Span): Happening[] {
  return Array.from({ length: 6 }, () =>
    signIn(tenant, random.pick(tenant.users), random.between(span.from, span.to), 500121),
  )
}

function signIn(tenant: Tenant, user: User, time: number, errorCode: number): Happening {
  return {
    stream: 'entra',
    time,
    write: (random) => userSignIn(tenant, random, time, { user, interactive: true, errorCode }),
  }
}

/** The help desk registers a telephone for a user, and a harmless role is given. */
function directory(tenant: Tenant, random: Random, span: Span): Happening[] {
  const registered = (user: User) => ({
    activity: 'Admin registered security info',
    category: 'UserManagement',
    service: 'Authentication Methods',
    operationType: 'Add',
    reason: 'Admin registered phone method for user',
    target: userTarget(user, []),
  })
  const reader = (user: User) => ({
    activity: 'Add member to role',
    category: 'RoleManagement',
    service: 'Core Directory',
    operationType: 'Assign',
    target: userTarget(user, [
      modified('Role.ObjectID', '4a5d8f65-41da-4de4-8968-e035b65339cf'),
      modified('Role.DisplayName', 'Reports Reader'),
      modified('Role.TemplateId', '4a5d8f65-41da-4de4-8968-e035b65339cf'),
    ]),
  })
  return [registered, registered, registered, reader, reader].map((make) => {
    const time = random.between(span.from, span.to)
    const change = { ...make(random.pick(tenant.users)), by: random.pick(tenant.admins) }
    return { stream: 'entra', time, write: (own) => audit(tenant, own, time, change) }
  })
}

/** An administrator looks at four secrets; ten files by AzCopy with a token, six with a signature. */
function vaultsAndFiles(tenant: Tenant, random: Random, span: Span): Happening[] {
  const admin = tenant.admins[0]!
  const by = { appId: 'c44b4083-3bb0-49c1-b47d-974e53cbdf3c', id: admin.id, ip: admin.officeIp }
  const vault = tenant.vaults.hub[0]!
  const reads = spread(span, random, 4, 20_000).map((time, n): Happening => {
    const call = { vault, operation: 'SecretGet', secret: vault.secrets[n]!, by }
    return { stream: 'platform', time, write: (own) => vaultCall(tenant, own, time, call) }
  })
  const account = tenant.storage.hub[0]!
  const copies = (by: StorageCall['by'], count: number): Happening[] =>
    spread(span, random, count, 4_000).map((time, n) => {
      const call = { account, operation: 'GetBlob', path: `exports/${n}.csv`, bytes: 40_000, by } as const
      const agent = 'AzCopy/10.26.0 azsdk-go-azblob/v1.4.0 (go1.22.5; linux)'
      const write: Happening['write'] = (own) =>
        storageCall(tenant, own, time, { ...call, ip: admin.officeIp, agent })
      return { stream: 'platform', time, write }
    })
  return [...reads, ...copies(tenant.principals[0]!, 10), ...copies('SAS', 6)]
}

const DIAGNOSTICS = 'MICROSOFT.INSIGHTS/DIAGNOSTICSETTINGS'

/** Three test machines removed by an administrator, log settings written, a reader of a group made. */
function resources(tenant: Tenant, random: Random, span: Span): Happening[] {
  const sub = tenant.subscriptions[1]!
  const scope = `/SUBSCRIPTIONS/${sub.id}/RESOURCEGROUPS/${sub.groups[1]}/PROVIDERS`.toUpperCase()
  const reader = { properties: { roleDefinitionId: `${scope}/acdd72a7-3385-48ef-bd42-f606fba81ae7` } }
  const one = (
    by: User,
    operation: string,
    resourceId: string,
    time: number,
    requestBody = {},
  ): Happening[] => {
    const base = { by, operation, resourceId, category: 'Administrative', requestBody } as const
    const correlationId = random.guid()
    return (['Start', 'Success'] as const).map((result, n) => ({
      stream: 'activity',
      time: time + n * 2_000,
      write: (own) => activity(tenant, own, time + n * 2_000, { ...base, correlationId, result }),
    }))
  }
  const machine = 'MICROSOFT.COMPUTE/VIRTUALMACHINES'
  const [first, second] = tenant.admins
  return [
    ...spread(span, random, 3, 30_000).flatMap((time, n) =>
      one(first!, `${machine}/DELETE`, `${scope}/${machine}/VM-TEST-${n}`, time),
    ),
    ...spread(span, random, 2, 900_000).flatMap((time) =>
      one(second!, `${DIAGNOSTICS}/WRITE`, `${scope}/${DIAGNOSTICS}/TO-HUB`, time),
    ),
    ...spread(span, random, 1, 0).flatMap((time) =>
      one(
        second!,
        'MICROSOFT.AUTHORIZATION/ROLEASSIGNMENTS/WRITE',
        `${scope}/ROLEASSIGNMENTS/R`,
        time,
        reader,
      ),
    ),
  ]
}

/** Keys that people renew for themselves, and console sign-ins with a second factor. */
function aws(tenant: Tenant, random: Random, span: Span): Happening[] {
  const account = tenant.aws.accounts[0]!
  const agent = 'aws-cli/2.17.40 md/prompt#off lang/python#3.11.9 md/pyimpl#CPython'
  const names = ['hanna.voss', 'cem.kaya', 'lars.harms']
  const keys = names.map((userName): Happening => {
    const time = random.between(span.from, span.to)
    const call = {
      source: 'iam',
      name: 'CreateAccessKey',
      ip: '198.51.100.10',
      agent,
      account,
      readOnly: false,
    }
    const request = { userName }
    return {
      stream: 'aws',
      time,
      write: (own) =>
        awsCall(own, time, { ...call, request, identity: userIdentity(own, account, userName) }),
    }
  })
  return [...keys, ...names.map((name) => consoleSignIn(random.between(span.from, span.to), account, name))]
}

function consoleSignIn(time: number, account: string, userName: string): Happening {
  const call = {
    source: 'signin',
    name: 'ConsoleLogin',
    ip: '198.51.100.11',
    agent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)',
    account,
    readOnly: false,
    response: { ConsoleLogin: 'Success' },
    more: { eventType: 'AwsConsoleSignIn', additionalEventData: { MFAUsed: 'Yes', MobileVersion: 'No' } },
  }
  return {
    stream: 'aws',
    time,
    write: (own) => awsCall(own, time, { ...call, identity: userIdentity(own, account, userName) }),
  }
}

/** Rules that sort mail into a folder of one's own. */
function mailRules(tenant: Tenant, random: Random, span: Span): Happening[] {
  return [0, 1, 2].map((n) => {
    const user = random.pick(tenant.users)
    const time = random.between(span.from, span.to)
    const rule = { Name: `Newsletters ${n}`, SubjectContainsWords: 'newsletter', MoveToFolder: 'Newsletters' }
    const entry = cmdlet(user, 'New-InboxRule', `${user.upn}\\Newsletters`, rule)
    return { stream: 'o365', time, write: (own) => unifiedAudit(tenant, own, time, entry) }
  })
}

/** Times at a distance, somewhere in the span. */
function spread(span: Span, random: Random, count: number, stepMs: number): number[] {
  const start = random.between(span.from, span.to - count * stepMs)
  return Array.from({ length: count }, (_, n) => start + n * stepMs)
}
