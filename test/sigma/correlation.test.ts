import { importSigma, loadRules } from '@weir/engine'
import type { JsonObject, JsonValue } from '@weir/model'
import { DATASETS } from '@weir/normalize'
import { testCase } from '@weir/pipeline'
import { describe, expect, test } from 'vitest'
import { audit, failed, signin } from './azure-shapes.ts'
import { changed, type Overrides } from './probe.ts'

const SIGMA = `title: Guessed, then in
name: guessed
level: high
correlation:
  type: temporal_ordered
  rules: [many_wrong, signed_in]
  group-by: [UserPrincipalName]
  timespan: 1h
---
title: Many wrong passwords
name: many_wrong
correlation:
  type: event_count
  rules: [wrong]
  group-by: [UserPrincipalName]
  timespan: 10m
  condition: {gte: 3}
---
title: Spray
name: spray
correlation:
  type: value_count
  rules: [wrong]
  group-by: [IpAddress]
  timespan: 10m
  condition: {gt: 2, field: UserPrincipalName}
---
title: Wrong password
name: wrong
logsource: {product: azure, service: signinlogs}
detection:
  selection:
    ResultType: 50126
  condition: selection
---
title: Signed in
name: signed_in
logsource: {product: azure, service: signinlogs}
detection:
  selection:
    Status: Success
  condition: selection
---
title: Role given
name: role_given
logsource: {product: azure, service: auditlogs}
detection:
  selection:
    operationName: Add member to role
  condition: selection
---
title: A new administrator came at once
name: at_once
correlation:
  type: temporal
  rules: [role_given, signed_in]
  group-by: [account]
  timespan: 1h
  aliases:
    account:
      role_given: Target
      signed_in: UserPrincipalName
---
title: The scanner may
logsource: {product: azure, service: signinlogs}
filter:
  rules: [wrong]
  selection:
    IpAddress|cidr: 192.0.2.0/24
  condition: not selection
`

const imported = importSigma([{ path: 'story.yml', text: SIGMA }], [], DATASETS)
const rules = loadRules(
  imported.rules.map(({ path, json }) => ({ path, text: JSON.stringify(json) })),
  DATASETS,
)

let made = 0

/** A record at a minute past nine. */
function at(minute: number, record: JsonObject, says: Overrides = {}): JsonObject {
  const time = new Date(Date.UTC(2026, 2, 10, 9, minute)).toISOString()
  const times: Overrides = { time, 'properties.id': `e${made++}`, ...timeWithin(record, time) }
  return changed(record, { ...times, ...says })
}

function timeWithin({ properties }: JsonObject, time: JsonValue): Overrides {
  const key =
    (properties as JsonObject)['createdDateTime'] === undefined ? 'activityDateTime' : 'createdDateTime'
  return { [`properties.${key}`]: time }
}

const wrong = (minute: number, user: string, ip = '203.0.113.7') =>
  at(minute, signin(), {
    ...failed(50126, 'Invalid username or password'),
    'properties.userPrincipalName': user,
    'properties.ipAddress': ip,
  })
const right = (minute: number, user: string) => at(minute, signin(), { 'properties.userPrincipalName': user })

async function alertsOf(rule: string, events: readonly JsonObject[]): Promise<readonly string[]> {
  const { came, failures } = await testCase(rules, rules.byId.get(rule)!, { name: rule, events, alerts: [] })
  expect(failures.filter((each) => !each.includes('alert'))).toEqual([])
  return came.map(({ message }) => message.replace(/ between .*/, ''))
}

/** Rule, what happens, the alerts. */
const STORIES: readonly (readonly [string, string, readonly JsonObject[], readonly string[]])[] = [
  [
    'three wrong, then right',
    'sigma.story.guessed',
    [
      wrong(0, 'ada@contoso.example'),
      wrong(1, 'ada@contoso.example'),
      wrong(2, 'Ada@contoso.example'),
      right(5, 'ada@contoso.example'),
    ],
    ['Guessed, then in: ada@contoso.example, 2 events'],
  ],
  [
    'two wrong, then right',
    'sigma.story.guessed',
    [wrong(0, 'ada@contoso.example'), wrong(1, 'ada@contoso.example'), right(5, 'ada@contoso.example')],
    [],
  ],
  [
    'right, then three wrong',
    'sigma.story.guessed',
    [right(0, 'ada@contoso.example'), ...[5, 6, 7].map((minute) => wrong(minute, 'ada@contoso.example'))],
    [],
  ],
  [
    'three wrong of the scanner, then right',
    'sigma.story.guessed',
    [
      ...[0, 1, 2].map((minute) => wrong(minute, 'ada@contoso.example', '192.0.2.5')),
      right(5, 'ada@contoso.example'),
    ],
    [],
  ],
  [
    'three accounts from one address',
    'sigma.story.spray',
    ['a', 'b', 'c'].map((name, minute) => wrong(minute, `${name}@contoso.example`)),
    ['Spray: 203.0.113.7, 3 events'],
  ],
  [
    'two accounts, one of them twice',
    'sigma.story.spray',
    ['a', 'b', 'a'].map((name, minute) => wrong(minute, `${name}@contoso.example`)),
    [],
  ],
  [
    'a role, and the same account signs in',
    'sigma.story.at_once',
    [at(0, audit('Add member to role')), right(20, 'bo@contoso.example')],
    ['A new administrator came at once: bo@contoso.example, 2 events'],
  ],
  [
    'a role, and another account signs in',
    'sigma.story.at_once',
    [at(0, audit('Add member to role')), right(20, 'cy@contoso.example')],
    [],
  ],
]

describe('correlations of Sigma over sign-ins and audits', () => {
  test('all is imported, base rules are silent', () => {
    expect(imported.outcomes.map(({ reason }) => reason)).toEqual(imported.outcomes.map(() => null))
    expect(rules.problems).toEqual([])
    expect(rules.rules.filter(({ alert }) => alert).map(({ id }) => id)).toEqual([
      'sigma.story.at_once',
      'sigma.story.guessed',
      'sigma.story.spray',
    ])
  })

  test.each(STORIES)('%s', async (_name, rule, events, alerts) => {
    expect(await alertsOf(rule, events)).toEqual(alerts)
  })
})
