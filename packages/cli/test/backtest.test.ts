import { randomUUID } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadRuleFolders } from '@weir/aggregator'
import { chainAfter, chainStart, lineDigest } from '@weir/contract'
import { DEFAULTS, replay } from '@weir/pipeline'
import { openStore } from '@weir/store'
import { afterAll, expect, test } from 'vitest'
import { Trial } from '../src/backtest/trial.ts'
import { tempFolder, weir } from './command.ts'
import { lines, trail } from './fixtures.ts'

const folder = tempFolder()
afterAll(() => folder.remove())

const rule = (id: string, action: string, more: object = {}): object => ({
  id,
  name: id,
  severity: 'high',
  dataset: ['aws.cloudtrail'],
  conditions: { all: [{ fact: 'event.action', operator: 'equal', value: action }] },
  event: { type: 'impact', params: { message: `{{user.name}} did ${action}` } },
  ...more,
})
const counted = (gte: number, more: object = {}): object =>
  rule('test.many', 'deleteobject', {
    correlation: { type: 'event_count', 'group-by': ['user.name'], timespan: '1h', condition: { gte } },
    event: { type: 'impact', params: { message: '{{user.name}} deleted {{count}} objects' } },
    ...more,
  })

function rulesIn(name: string, ...rules: readonly object[]): string {
  mkdirSync(folder.at(name), { recursive: true })
  for (const [n, each] of rules.entries())
    writeFileSync(join(folder.at(name), `${n}.json`), JSON.stringify(each))
  return folder.at(name)
}

/** A record so many minutes after the second of January, 10:00. */
function record(minutes: number, eventName: string, userName = 'ada'): object {
  const eventTime = new Date(Date.UTC(2026, 0, 2, 10, minutes)).toISOString()
  return trail(0, eventName, {
    eventID: `${eventName}-${userName}-${minutes}`,
    eventTime,
    userIdentity: { type: 'IAMUser', userName },
  })
}

function input(name: string, ...records: readonly object[]): string {
  writeFileSync(folder.at(name), lines(records))
  return folder.at(name)
}

async function backtest(...args: readonly string[]) {
  const ended = await weir(['rules', 'backtest', '--json', ...args])
  return { ...ended, result: JSON.parse(ended.stdout) }
}

const DAY = 24 * 60
const deletions = [0, 1, 2, DAY, 3 * DAY].map((minutes) => record(minutes, 'DeleteTrail'))

test('alerts and bytes a day by rule, noisiest first; shadow rules apart, and silent ones last', async () => {
  const rules = rulesIn(
    'noise',
    rule('test.quiet', 'stoplogging'),
    rule('test.silent', 'nothing'),
    rule('test.trail', 'deletetrail'),
    rule('test.trial', 'deletetrail', { mode: 'shadow' }),
  )
  const logs = input('noise.ndjson', ...deletions, record(2 * DAY, 'ListTrails'), record(5, 'StopLogging'))
  const { code, stderr, result } = await backtest('--rules', rules, '--input', logs)
  expect([code, stderr]).toEqual([0, ''])
  expect(result).toMatchObject({
    from: '2026-01-02',
    to: '2026-01-05',
    days: 4,
    records: 7,
    events: 7,
    matches: 11,
  })
  expect(result.rules.map((each: { rule: string }) => each.rule)).toEqual([
    'test.trail',
    'test.quiet',
    'test.silent',
  ])
  const [trailed, , silent] = result.rules
  expect(trailed).toMatchObject({
    alerts: 5,
    alerts_per_day: 1.25,
    busiest_day_alerts: { day: '2026-01-02', most: 3 },
    revisions: 5,
    examples: ['ada did deletetrail', 'ada did deletetrail', 'ada did deletetrail'],
  })
  expect(
    Object.entries(trailed.by_day).map(([day, load]) => [day, (load as { alerts: number }).alerts]),
  ).toEqual([
    ['2026-01-02', 3],
    ['2026-01-03', 1],
    ['2026-01-05', 1],
  ])
  expect(silent).toMatchObject({
    rule: 'test.silent',
    alerts: 0,
    bytes: 0,
    busiest_day_bytes: null,
    examples: [],
  })
  expect(result.shadow).toMatchObject([{ rule: 'test.trial', mode: 'shadow', alerts: 5, revisions: 5 }])
  expect(result.link).toMatchObject({ alerts: 6, revisions: 6, bytes: trailed.bytes + result.rules[1].bytes })
  expect(result.link.packed_share).toBeGreaterThan(0.1)
  expect(result.link.packed_share).toBeLessThan(0.9)
})

test('the budget is held against the busiest day', async () => {
  const args = [
    '--rules',
    rulesIn('budget', rule('test.trail', 'deletetrail')),
    '--input',
    input('b', ...deletions),
  ]
  const { most } = (await backtest(...args)).result.link.busiest_day_bytes
  const [kept, over] = await Promise.all([
    backtest(...args, '--link-budget', String(most)),
    backtest(...args, '--link-budget', String(most - 1)),
  ])
  expect([kept.code, kept.result.link.over_budget]).toEqual([0, false])
  expect([over.code, over.result.link.over_budget]).toEqual([1, true])
})

test.each([
  ['5MB', 5_000_000],
  ['12345678901', 12_345_678_901],
])('a budget of %s', async (budget, bytes) => {
  const args = [
    '--rules',
    rulesIn(`b${bytes}`, rule('test.trail', 'deletetrail')),
    '--input',
    input('c', ...deletions),
  ]
  expect((await backtest(...args, '--link-budget', budget)).result.link.budget).toBe(bytes)
})

test.each(['0', '5M', '-1', 'much'])('a budget of %s is wrong use, with the remedy', async (budget) => {
  const { code, stderr } = await weir([
    'rules',
    'backtest',
    '--rules',
    'r',
    '--input',
    'i',
    '--link-budget',
    budget,
  ])
  expect([code, stderr]).toEqual([2, expect.stringContaining('Write bytes above 0, as 5000000 or 5MB.')])
})

test('against a baseline: which alerts are gone, new and the same, with messages of each', async () => {
  const stop = rule('test.stop', 'stoplogging')
  const before = rulesIn('before', counted(2), rule('test.trail', 'deletetrail'), stop)
  const after = rulesIn('after', counted(3), rule('test.put', 'puttrail'), { ...stop, name: 'Other words' })
  const objects = (user: string, count: number) =>
    Array.from({ length: count }, (_, n) => record(10 + n, 'DeleteObject', user))
  const logs = input(
    'changes.ndjson',
    ...[objects('ada', 4), objects('bo', 2), objects('cy', 3)].flat(),
    ...[record(30, 'DeleteTrail'), record(31, 'StopLogging'), record(32, 'PutTrail')],
  )
  const { code, result } = await backtest('--rules', after, '--input', logs, '--baseline', before)
  expect(code).toBe(0)
  const none = { same: [], gone: [], new: [] }
  expect(result.baseline.changes).toEqual([
    {
      rule: 'test.many',
      same: 2,
      gone: 1,
      new: 0,
      examples: {
        ...none,
        same: ['ada deleted 4 objects', 'cy deleted 3 objects'],
        gone: ['bo deleted 2 objects'],
      },
    },
    { rule: 'test.put', same: 0, gone: 0, new: 1, examples: { ...none, new: ['ada did puttrail'] } },
    { rule: 'test.trail', same: 0, gone: 1, new: 0, examples: { ...none, gone: ['ada did deletetrail'] } },
    { rule: 'test.stop', same: 1, gone: 0, new: 0, examples: { ...none, same: ['ada did stoplogging'] } },
  ])
  expect(result.baseline).toMatchObject({ alerts: 5 })
  expect(result.compared_all).toBe(true)
})

test('an alert with other events is another alert, also beneath a correlation over it', async () => {
  const over = rule('test.then', 'x', {
    conditions: undefined,
    dataset: undefined,
    correlation: {
      type: 'temporal',
      rules: ['test.many', 'test.stop'],
      'group-by': ['user.name'],
      timespan: '2h',
    },
    event: { type: 'impact', params: { message: '{{user.name}} did both' } },
  })
  const stop = rule('test.stop', 'stoplogging', { alert: false })
  const before = rulesIn('chain-before', counted(2), stop, over)
  const renamed = rulesIn('chain-same', counted(2, { suppress: { for: '1s' } }), stop, over)
  const changed = rulesIn(
    'chain-other',
    counted(2, { correlation: undefined, suppress: { by: ['user.name'], for: '2h' } }),
    stop,
    over,
  )
  const logs = input(
    'chain.ndjson',
    ...[0, 1, 90].map((minutes) => record(minutes, 'DeleteObject')),
    record(50, 'StopLogging'),
  )
  const [same, other] = await Promise.all(
    [renamed, changed].map((rules) => backtest('--rules', rules, '--input', logs, '--baseline', before)),
  )
  expect(same!.result.baseline.changes).toMatchObject([
    { rule: 'test.many', same: 1, gone: 0, new: 0 },
    { rule: 'test.then', same: 1, gone: 0, new: 0 },
  ])
  expect(other!.result.baseline.changes).toMatchObject([
    { rule: 'test.many', same: 0, gone: 1, new: 1 },
    { rule: 'test.then', same: 0, gone: 1, new: 1 },
  ])
})

test('two episodes that a late event joins are one alert in the end', async () => {
  const rules = rulesIn('join', counted(2))
  const early = [0, 30, 100, 130].map((minutes) => record(minutes, 'DeleteObject'))
  // Files are messages of their own: the late event comes after both episodes were told.
  const logs = input('join.json', ...early)
  const late = input('join-late.json', record(131, 'ListTrails'), record(65, 'DeleteObject'))
  const { result } = await backtest('--rules', rules, '--input', logs, late)
  expect(result.rules[0]).toMatchObject({ alerts: 1, revisions: 4, examples: ['ada deleted 5 objects'] })
})

test('bytes are those that the store counts for each rule, shipped or not', async () => {
  const trailed = rule('test.trail', 'deletetrail', { severity: 'low' })
  const trial = rule('test.trial', 'deletetrail', { mode: 'shadow' })
  const rules = await loadRuleFolders([rulesIn('store', counted(2), trailed, trial)])
  const store = openStore({
    path: folder.at('store.db'),
    chain: { start: chainStart, next: chainAfter, digest: lineDigest },
    random: randomUUID,
  })
  const records = [...[0, 1, 2, 3, 9].map((minutes) => record(minutes, 'DeleteObject')), ...deletions]
  async function* messages() {
    for (const each of records) yield { bytes: Buffer.from(JSON.stringify(each)), at: '0', arrival: 0 }
  }
  const tried = new Trial(rules)
  const inputs = [{ name: 'a', messages: messages() }]
  for await (const step of replay({ ...DEFAULTS, version: '1' }, rules, inputs)) {
    await tried.add(step)
    await store.commit(step.commit)
  }
  tried.finish()
  const ledger = new Map((await store.ledger()).map((each) => [each.rule, each]))
  await store.close()
  for (const { rule, load } of tried.byRule) {
    const { alerts, revisions, alertBytes, shadowAlerts, shadowRevisions, shadowBytes } = ledger.get(rule.id)!
    const kept =
      rule.mode === 'live' ? [alerts, revisions, alertBytes] : [shadowAlerts, shadowRevisions, shadowBytes]
    expect([load.alerts, load.revisions, load.bytes]).toEqual(kept)
  }
  expect(tried.byRule.map(({ load }) => load.alerts)).toEqual([1, 5, 5])
})

test('for people: a table, what changed, and the link', async () => {
  const before = rulesIn('people-before', rule('test.stop', 'stoplogging'))
  const after = rulesIn('people-after', rule('test.trail', 'deletetrail'), rule('test.stop', 'stoplogging'))
  const logs = input('people.ndjson', record(0, 'DeleteTrail'), record(1, 'StopLogging'))
  const { code, stdout } = await weir([
    ...['rules', 'backtest', '--rules', after, '--baseline', before, '--input', logs, '--link-budget', '100'],
  ])
  expect(code).toBe(1)
  expect(stdout).toMatch(/^2026-01-02 to 2026-01-02, 1 days with events: 2 records, 2 events\n/)
  expect(stdout).toMatch(/\n +1 +1 +\d+ +\d+ {2}test\.trail\n +ada did deletetrail\n/)
  expect(stdout).toMatch(
    /\nagainst the baseline:\n.*\n +0 +0 +1 +test\.trail\n +new {2}ada did deletetrail\n1 rules make the same alerts\n/,
  )
  expect(stdout).toMatch(/\nlink +\d+ bytes on 2026-01-02, \d+ a day, in 2 revisions of 2 alerts\n/)
  expect(stdout).toMatch(/\nbudget +100 a day: over it\n$/)
})

test('standard input is read once, so not with a baseline', async () => {
  const rules = rulesIn('stdin', rule('test.trail', 'deletetrail'))
  const args = ['rules', 'backtest', '--json', '--rules', rules, '--input', '-']
  const [once, twice] = await Promise.all([
    weir(args, { input: lines(deletions) }),
    weir([...args, '--baseline', rules], { input: lines(deletions) }),
  ])
  expect(JSON.parse(once.stdout)).toMatchObject({ link: { alerts: 5 }, baseline: null })
  expect([twice.code, twice.stdout]).toEqual([2, ''])
  expect(twice.stderr).toMatch(/^weir: INPUT_UNREADABLE a baseline reads the inputs twice/)
})
