import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadRules } from '@weir/engine'
import { DATASETS } from '@weir/normalize'
import { type RuleTestResult, readRuleCases, testRules } from '@weir/pipeline'
import { describe, expect, test } from 'vitest'

const RULE = {
  id: 'aws.group-made',
  name: 'Groups made',
  severity: 'low',
  dataset: ['aws.cloudtrail'],
  conditions: { all: [{ fact: 'event.action', operator: 'equal', value: 'creategroup' }] },
  correlation: { type: 'event_count', 'group-by': ['user.name'], timespan: '1m', condition: { gte: 2 } },
  event: { type: 'persistence', params: { message: '{{user.name}} made {{count}} groups' } },
}
const CALL = {
  eventID: 'e-1',
  eventTime: '2026-03-10T09:00:00Z',
  eventSource: 'iam.amazonaws.com',
  eventName: 'CreateGroup',
  userIdentity: { type: 'IAMUser', userName: 'olga' },
}
const AGAIN = { like: 0, but: { eventID: 'e-2', eventTime: '2026-03-10T09:01:00Z' } }
const LATE = { like: 0, but: { eventID: 'e-2', eventTime: '2026-03-10T09:01:01Z' } }
const HIT = { name: 'two groups', events: [CALL, AGAIN], alerts: 1 }
const MISS = { name: 'one group', events: [CALL], alerts: 0 }

const rules = loadRules([{ path: 'rule.json', text: JSON.stringify(RULE) }], DATASETS)

async function verdict(cases: readonly object[]): Promise<RuleTestResult> {
  const read = readRuleCases('rule.test.json', JSON.stringify(cases))
  const [result] = await testRules(rules, [{ rule: RULE.id, cases: read }])
  return result!
}

test.each([
  ['a hit and a near-miss', [HIT, MISS]],
  ['a hit that is told in part', [{ ...HIT, alerts: [{ message: 'olga made 2 groups' }] }, MISS]],
  ['a near-miss a second beyond the timespan', [HIT, { name: 'late', events: [CALL, LATE], alerts: 0 }]],
  [
    'a record like one that is like another',
    [{ ...HIT, events: [CALL, LATE, { like: 1, but: { eventID: 'e-3' } }] }, MISS],
  ],
  [
    'a record that differs within',
    [HIT, { ...MISS, events: [CALL, { like: 0, but: { ...AGAIN.but, userIdentity: { userName: 'cem' } } }] }],
  ],
])('%s: all is well', async (_, cases) => {
  expect(await verdict(cases)).toMatchObject({ ok: true, lacks: [] })
})

describe('what fails', () => {
  test.each([
    ['a hit that does not come', [{ ...MISS, alerts: 1 }, MISS], 'expected 1 alerts, came 0'],
    [
      'a near-miss that hits',
      [HIT, { ...HIT, alerts: 0 }],
      'expected 0 alerts, came 1; "olga made 2 groups"',
    ],
    [
      'an alert that says something else',
      [{ ...HIT, alerts: [{ user: { name: 'cem' } }] }, MISS],
      'alert 1.user.name is "olga", expected "cem"',
    ],
    [
      'an alert that lacks what was promised',
      [{ ...HIT, alerts: [{ source: { ip: '203.0.113.1' } }] }, MISS],
      'alert 1.source is undefined, expected {"ip":"203.0.113.1"}',
    ],
  ])('%s', async (_, cases, failure) => {
    const result = await verdict(cases)
    expect(result.cases.flatMap((each) => each.failures)).toEqual([failure])
    expect(result.ok).toBe(false)
  })

  test.each([
    ['no near-miss', [HIT], ['near-miss']],
    ['no hit', [MISS, { ...MISS, alerts: [] }], ['hit']],
    ['no cases at all', [], ['hit', 'near-miss']],
  ])('%s', async (_, cases, lacks) => {
    expect(await verdict(cases)).toMatchObject({ ok: false, lacks })
  })
})

test.each([
  ['no JSON', '[{', 'rule.test.json: '],
  ['no list', '{}', 'a test file holds a list of cases'],
  ['a case without a name', JSON.stringify([{ ...HIT, name: '' }]), 'case 1: a case needs a "name"'],
  ['a slip in a member', JSON.stringify([HIT, { ...MISS, alert: 0 }]), 'case 2: unknown member "alert"'],
  ['no records', JSON.stringify([{ ...HIT, events: [] }]), 'case 1: "events" is a list of records'],
  ['half an alert', JSON.stringify([{ ...HIT, alerts: 0.5 }]), 'case 1: "alerts" is how many'],
  [
    'like a later one',
    JSON.stringify([{ ...HIT, events: [AGAIN, CALL] }]),
    '"like" names no earlier event: 0',
  ],
])('%s is refused with its place', (_, text, said) => {
  expect(() => readRuleCases('rule.test.json', text)).toThrow(said)
})

test.each([
  ['cases that hold', [HIT, MISS], 0, 'ok'],
  ['a rule without cases', undefined, 1, 'lacks a near-miss'],
  ['a file of cases that cannot be read', {}, 2, 'a test file holds a list of cases'],
])('the command over %s', (_, cases, code, said) => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-rules-'))
  try {
    writeFileSync(join(folder, 'rule.json'), JSON.stringify(RULE))
    if (cases !== undefined) writeFileSync(join(folder, 'rule.test.json'), JSON.stringify(cases))
    const command = new URL('../../packages/cli/bin/weir.js', import.meta.url).pathname
    const ran = spawnSync(process.execPath, [command, 'rules', 'test', folder], { encoding: 'utf8' })
    expect(ran.stdout + ran.stderr).toContain(said)
    expect(ran.status).toBe(code)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
