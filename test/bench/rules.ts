import type { RuleFile } from '@weir/engine'
import { pick, pickWeighted, type Random, seeded } from './random.ts'
import {
  AGENT_MARKS,
  APPS,
  ARM_OPERATIONS,
  AUDIT_ACTIVITIES,
  CLIENTS,
  CLOUD_CALLS,
  CLOUD_SOURCES,
  CODES_COMMON_MAX,
  COMMON_MAX,
  COUNTRIES,
  ERROR_CODES,
} from './vocabulary.ts'

// The shape was measured with shape.ts on the 199 public Sigma rules for cloud services that import, as imported:
// - tests per rule: 1 in 29 %, 2 in 32 %, 3 in 18 %, 4 or more in 22 %;
// - 77 % of the tests are equality, 16 % contain a text, 4 % begin or end with one, the rest patterns and presence;
// - 73 % compare in lower case, half ask of the record and half of an ECS field;
// - 81 % of the tests name one value, 12 % two, 7 % three or more;
// - 71 % of the rules are one conjunction, 24 % hold a choice, 5 % a `not`; 5 % no equality at all (hard);
// - 29 % CloudTrail, 26 % directory audit and role management, 18 % activity, 9 % sign-in and risk, the rest others.

/** Rule files of that shape; `hardShare` of them hold no equality, so that no hash can tell when to look at them. */
export function generateRules(seed: number, count: number, hardShare: number): RuleFile[] {
  const random = seeded(seed)
  return Array.from({ length: count }, (_, index) => ruleFile(random, index, random() < hardShare))
}

interface Leaf {
  readonly fact: string
  readonly path?: string
  readonly operator: string
  readonly value: unknown
}

/** How one dataset is asked: what is rare in it, what narrows further, and what no hash answers. */
interface Style {
  readonly dataset: string
  readonly rare: (random: Random) => Leaf
  readonly narrow: readonly ((random: Random) => Leaf)[]
  readonly hard: readonly ((random: Random) => Leaf)[]
}

function ruleFile(random: Random, index: number, hard: boolean): RuleFile {
  const style = pickWeighted(random, STYLES)
  const id = `bench.${style.dataset}.${index}`
  const rule = {
    id,
    name: `Generated rule ${index}`,
    severity: pick(random, ['low', 'medium', 'high']),
    dataset: [style.dataset],
    conditions: conditions(random, style, hard),
    ...(index % CORRELATED_EVERY === 0 && { correlation: CORRELATION }),
    event: {
      type: 'generated',
      params: { message: '{{user.name}} from {{source.ip}}' },
    },
  }
  return { path: `bench/${id}.json`, text: JSON.stringify(rule) }
}

/** Public rules hardly ever count; those of a house do. */
const CORRELATED_EVERY = 10
const CORRELATION = {
  type: 'event_count',
  'group-by': ['user.name'],
  timespan: '10m',
  condition: { gte: 5 },
}

function conditions(random: Random, style: Style, hard: boolean): object {
  const tests = pickWeighted(random, [
    [1, 0.29],
    [2, 0.32],
    [3, 0.18],
    [4, 0.21],
  ])
  const first = hard ? pick(random, style.hard)(random) : style.rare(random)
  const more = Array.from({ length: tests - 1 }, () => {
    const from = hard || random() < 0.3 ? style.hard : style.narrow
    return pick(random, from)(random)
  })
  const shape = pickWeighted(random, [
    ['all', 0.61],
    ['not', 0.06],
    ['any', 0.33],
  ])
  if (more.length === 0 || shape === 'all') return { all: [first, ...more] }
  if (shape === 'not') return { all: [first, { not: { any: more } }] }
  return { all: [first, { any: more }] }
}

/** Rules look for what seldom happens: those that alert on what a tenant does all day are soon switched off. */
function rareOf(random: Random, names: readonly string[]): string {
  return pick(random, names.slice(COMMON_MAX))
}

function valuesOf<Value>(random: Random, one: () => Value): readonly Value[] {
  const count = pickWeighted(random, [
    [1, 0.7],
    [2, 0.2],
    [3, 0.04],
    [5, 0.06],
  ])
  return [...new Set(Array.from({ length: count }, one))]
}

function oneOf(place: Pick<Leaf, 'fact' | 'path'>, values: readonly unknown[], fold = ''): Leaf {
  return values.length === 1
    ? { ...place, operator: `${fold}equal`, value: values[0] }
    : { ...place, operator: `${fold}in`, value: values }
}

/** As rules are written by hand on the folded field, and as they are imported onto the provider's own. */
function operation(names: readonly string[], path: string): Style['rare'] {
  return (random) => {
    const values = valuesOf(random, () => rareOf(random, names))
    if (random() < 0.3) return oneOf({ fact: 'record', path }, values, 'fold:')
    return oneOf(
      { fact: 'event.action' },
      values.map((value) => value.toLowerCase()),
      foldOf(random),
    )
  }
}

function equals(path: string, values: readonly unknown[]): (random: Random) => Leaf {
  return (random) => {
    const place = { fact: 'record', path }
    if (typeof values[0] !== 'string') return oneOf(place, [pick(random, values)])
    return oneOf(
      place,
      valuesOf(random, () => pick(random, values)),
      foldOf(random),
    )
  }
}

/** Imported rules compare in lower case wherever a value has letters. */
function foldOf(random: Random): string {
  return random() < FOLD_SHARE ? 'fold:' : ''
}

const FOLD_SHARE = 0.9

const outcome = (random: Random): Leaf => ({
  fact: 'event.outcome',
  operator: `${foldOf(random)}equal`,
  value: pick(random, ['success', 'failure']),
})

const agent = (random: Random): Leaf => ({
  fact: 'user_agent.original',
  operator: `${foldOf(random)}containsText`,
  value: pick(random, AGENT_MARKS),
})

/** Networks are seldom asked for. */
const agentOrNetwork = (random: Random): Leaf =>
  random() < 0.9
    ? agent(random)
    : {
        fact: 'source.ip',
        operator: 'cidr',
        value: [`100.${Math.floor(random() * 128)}.0.0/16`, '2001:db8::/32'],
      }

const userEnd = (random: Random): Leaf => ({
  fact: 'user.name',
  operator: pick(random, ['endsWith', 'startsWith']),
  value: pick(random, ['$', '.adm', '@fabrikam.example', 'svc-', 'sync_']),
})

function text(
  path: string,
  operators: readonly string[],
  values: readonly string[],
): (random: Random) => Leaf {
  return (random) => {
    const operator = pick(random, operators)
    const fold = operator.startsWith('fold:') || operator === 'wildcard' ? '' : foldOf(random)
    return { fact: 'record', path, operator: `${fold}${operator}`, value: pick(random, values) }
  }
}

const SIGN_IN: Style = {
  dataset: 'azure.signinlogs',
  rare: (random) =>
    random() < 0.6
      ? oneOf(
          { fact: 'record', path: '$.properties.status.errorCode' },
          valuesOf(random, () => pick(random, ERROR_CODES.slice(CODES_COMMON_MAX))),
        )
      : oneOf(
          { fact: 'record', path: '$.properties.appDisplayName' },
          valuesOf(random, () => rareOf(random, APPS)),
          'fold:',
        ),
  narrow: [
    outcome,
    equals('$.properties.clientAppUsed', CLIENTS),
    equals('$.properties.location.countryOrRegion', COUNTRIES),
    equals('$.properties.authenticationRequirement', ['singleFactorAuthentication']),
    equals('$.properties.deviceDetail.trustType', ['', 'Azure AD registered']),
    equals('$.properties.deviceDetail.isCompliant', [true, false]),
  ],
  hard: [
    agentOrNetwork,
    userEnd,
    text('$.properties.appDisplayName', ['containsText', 'startsWith'], ['PowerShell', 'CLI', 'Legacy']),
    text('$.resultDescription', ['containsText', 'fold:containsText'], ['blocked', 'expired', 'denied']),
  ],
}

const AUDIT: Style = {
  dataset: 'azure.auditlogs',
  rare: operation(AUDIT_ACTIVITIES, '$.operationName'),
  narrow: [
    outcome,
    equals('$.properties.category', ['RoleManagement', 'Policy', 'ApplicationManagement']),
    equals('$.properties.loggedByService', ['PIM', 'Core Directory']),
    equals('$.properties.targetResources[0].type', ['User', 'ServicePrincipal']),
  ],
  hard: [
    agentOrNetwork,
    userEnd,
    text(
      '$.properties.targetResources[0].modifiedProperties[0].newValue',
      ['containsText'],
      ['Global', 'Admin', 'Owner'],
    ),
    text(
      '$.properties.targetResources[0].displayName',
      ['fold:startsWith', 'endsWith'],
      ['admin', 'break', 'svc'],
    ),
  ],
}

const ACTIVITY: Style = {
  dataset: 'azure.activitylogs',
  rare: operation(ARM_OPERATIONS, '$.operationName'),
  narrow: [
    outcome,
    equals('$.resultType', ['Success', 'Failure']),
    equals('$.identity.authorization.evidence.role', ['Owner', 'User Access Administrator']),
    equals('$.level', ['Error', 'Critical']),
  ],
  hard: [
    text(
      '$.identity.authorization.action',
      ['containsText', 'endsWith'],
      ['ELEVATE', '/EXTENSIONS/', 'DELEG'],
    ),
    userEnd,
    text('$.resourceId', ['fold:containsText', 'containsText'], ['/PROD-', '/VAULTS/KV-HSM', 'RG-SECRET']),
    text('$.identity.authorization.scope', ['fold:endsWith', 'wildcard'], ['/core', '/network', '*/hub/*']),
  ],
}

const CLOUD: Style = {
  dataset: 'aws.cloudtrail',
  rare: operation(CLOUD_CALLS, '$.eventName'),
  narrow: [
    outcome,
    equals('$.eventSource', CLOUD_SOURCES),
    equals('$.eventSource', CLOUD_SOURCES),
    equals('$.userIdentity.type', ['Root', 'IAMUser', 'AssumedRole']),
    equals('$.errorCode', ['AccessDenied', 'UnauthorizedOperation']),
  ],
  hard: [
    agentOrNetwork,
    userEnd,
    text('$.userIdentity.arn', ['containsText', 'endsWith'], [':root', ':user/ci', 'break-glass']),
    text('$.requestParameters.name', ['startsWith', 'fold:containsText'], ['tmp-', 'public', 'backdoor']),
  ],
}

const STYLES: readonly (readonly [Style, number])[] = [
  [CLOUD, 0.3],
  [AUDIT, 0.31],
  [ACTIVITY, 0.19],
  [SIGN_IN, 0.2],
]
