import { writeFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { SAMPLES } from '../src/rules/sample.ts'
import { tempFolder, weir } from './command.ts'
import { lines, RULE, trail, writeRules } from './fixtures.ts'

const folder = tempFolder()
afterAll(() => folder.remove())
const rules = writeRules(folder.at('rules'))
const counted = {
  ...RULE,
  id: 'test.counted',
  conditions: {
    all: [
      ...RULE.conditions.all,
      {
        any: [
          { fact: 'cloud.region', operator: 'equal', value: 'us-east-1' },
          { fact: 'user.id', operator: 'exists', value: false },
        ],
      },
    ],
  },
  correlation: {
    type: 'value_count',
    'group-by': ['user.name'],
    timespan: '10m',
    condition: { field: 'user.target.name', gte: 2 },
  },
}
const denied = {
  ...RULE,
  id: 'test.denied',
  dataset: ['azure.vnetflow'],
  conditions: { all: [{ fact: 'destination.port', operator: 'equal', value: 22 }] },
  event: { type: 'discovery' },
}
writeFileSync(folder.at('rules', 'counted.json'), JSON.stringify({ ...counted, event: { type: 'x' } }))
writeFileSync(folder.at('rules', 'denied.json'), JSON.stringify(denied))

function file(name: string, content: string): string {
  writeFileSync(folder.at(name), content)
  return folder.at(name)
}

const explain = (rule: string, event: string, more: readonly string[] = [], input?: string) =>
  weir(
    ['rules', 'explain', '--rules', rules, '--rule', rule, '--event', event, ...more],
    input === undefined ? {} : { input },
  )

test('a tree: the gate, each condition with what it saw, and what correlation takes', async () => {
  const record = trail(1, 'DeleteTrail', { userIdentity: { type: 'IAMUser', userName: 'a\u202eda' } })
  const { code, stdout, stderr } = await explain('test.counted', file('one.json', JSON.stringify(record)))
  expect(stdout.trimEnd().split('\n')).toEqual([
    'event trail-1  aws.cloudtrail  2026-01-02T03:04:01.000Z',
    'yes rule test.counted',
    'yes   dataset aws.cloudtrail; the rule looks at aws.cloudtrail',
    'yes   all',
    'yes     event.action equal "deletetrail"  saw "deletetrail"',
    'yes     any',
    'no        cloud.region equal "us-east-1"  saw "eu-central-1"',
    'yes       user.id exists false  saw nothing',
    'no    correlation value_count within 600 s takes a match of test.counted: a field is lacking, the match is skipped',
    'yes     group-by user.name  "a.da"',
    'no      field user.target.name  lacking',
  ])
  expect([code, stderr]).toEqual([0, 'test.counted matches 1 of 1 events\n'])
})

test('no match: exit 1, and the first no says why', async () => {
  const { code, stdout } = await explain('test.trail-deleted', '-', [], JSON.stringify(trail(2)))
  expect(code).toBe(1)
  expect(stdout).toContain('no      event.action equal "deletetrail"  saw "listtrails"')
})

test('several records give one explanation each; --json has the whole tree; --limit bounds it', async () => {
  const many = file('many.ndjson', lines([trail(1), trail(2, 'DeleteTrail'), trail(3)]))
  const { code, stdout, stderr } = await explain('test.trail-deleted', many, ['--json', '--limit', '2'])
  const told = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(code).toBe(0)
  expect(told.map(({ event, matched }) => [event.id, matched])).toEqual([
    ['trail-1', false],
    ['trail-2', true],
  ])
  expect(told[1].conditions).toEqual({
    kind: 'all',
    result: true,
    inner: [
      {
        kind: 'test',
        fact: 'event.action',
        operator: 'equal',
        value: 'deletetrail',
        result: true,
        seen: 'deletetrail',
      },
    ],
  })
  expect(stderr).toContain('1 more events not explained: raise --limit')
})

test('a flow record is explained tuple by tuple; a record of another dataset stops at the gate', async () => {
  const { record } = SAMPLES.get('azure.vnetflow')!
  const two = JSON.stringify(record).replace(/"(1773133200000,[^"]*)"/, (_, tuple) =>
    JSON.stringify([tuple, tuple.replace(',22,', ',23,')]).slice(1, -1),
  )
  const { code, stdout } = await explain('test.denied', '-', [], `${two}\n${JSON.stringify(trail(1))}\n`)
  expect(code).toBe(0)
  expect(
    stdout.split('\n').filter((line) => /saw|dataset/.test(line) && !line.startsWith('yes   d')),
  ).toEqual([
    'yes     destination.port equal 22  saw 22',
    'no      destination.port equal 22  saw 23',
    'no    dataset aws.cloudtrail; the rule looks at azure.vnetflow',
  ])
})

test('a record that cannot be read is told, and matches nothing', async () => {
  const { code, stderr } = await explain('test.denied', '-', [], '{"torn": ')
  expect(code).toBe(1)
  expect(stderr).toMatch(
    /standard input@.* record 0: .*\ntest.denied matches 0 of 0 events\nnothing to explain: no record gave an event\n$/,
  )
})

test('a rule that is not there: exit 2, with the nearest, and with what is wrong in the folder', async () => {
  file('rules/broken.json', '{')
  const { code, stdout, stderr } = await explain('test.denid', '-', [], '{}')
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toContain('did you mean test.denied?')
  expect(stderr).toContain('broken.json:1:2 error json')
})

test('a test file: each record of each case, with the name of the case', async () => {
  const cases = [
    { name: 'deleted', events: [trail(1, 'DeleteTrail')], alerts: 1 },
    { name: 'listed', events: [{ like: 0, but: { eventName: 'ListTrails' } }], alerts: 0 },
  ]
  cases[1]!.events.unshift(trail(2, 'CreateTrail'))
  const event = file('trail-deleted.test.json', JSON.stringify(cases))
  const { code, stdout, stderr } = await explain(RULE.id, event)
  expect(stdout.split('\n').filter((line) => /^event|^.*saw/.test(line))).toEqual([
    'event trail-1  aws.cloudtrail  2026-01-02T03:04:01.000Z  deleted',
    'yes     event.action equal "deletetrail"  saw "deletetrail"',
    'event trail-2  aws.cloudtrail  2026-01-02T03:04:02.000Z  listed',
    'no      event.action equal "deletetrail"  saw "createtrail"',
    'event trail-2  aws.cloudtrail  2026-01-02T03:04:02.000Z  listed',
    'no      event.action equal "deletetrail"  saw "listtrails"',
  ])
  expect(code).toBe(0)
  expect(stderr).toContain(`${RULE.id} matches 1 of 3 events\n`)
  const objects = (await explain(RULE.id, event, ['--json'])).stdout.trimEnd().split('\n')
  expect(objects.map((line) => JSON.parse(line).case)).toEqual(['deleted', 'listed', 'listed'])
})

test('a test file that is none is wrong use, with its case', async () => {
  const { code, stderr } = await explain(RULE.id, file('x.test.json', '[{ "name": "a", "events": [] }]'))
  expect([code, stderr]).toEqual([2, expect.stringContaining('case 1: "events" is a list of records')])
})
