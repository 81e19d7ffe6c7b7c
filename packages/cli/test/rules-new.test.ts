import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { CORRELATION_TYPES, loadRules } from '@weir/engine'
import schema from '@weir/engine/schema/rule-v1.json' with { type: 'json' }
import { DATASETS } from '@weir/normalize'
import { mergedRecord, readRuleCases, testRules } from '@weir/pipeline'
import { afterAll, describe, expect, test } from 'vitest'
import { eventsIn } from '../src/events.ts'
import { SAMPLES } from '../src/rules/sample.ts'
import { SKELETONS } from '../src/rules/skeleton.ts'
import { tempFolder, weir } from './command.ts'

const folder = tempFolder()
afterAll(() => folder.remove())

test('there are samples of every dataset, and skeletons of every type of correlation', () => {
  expect([...SAMPLES.keys()].sort()).toEqual([...DATASETS.keys()].sort())
  expect([...SKELETONS.keys()].sort()).toEqual(['', ...CORRELATION_TYPES].sort())
})

test('an editor offers every dataset', () => {
  const { examples } = schema.$defs.rule.properties.dataset.items
  expect([...examples].sort()).toEqual([...DATASETS.keys()].sort())
})

describe.each([...SAMPLES])('the samples of %s', (dataset, sample) => {
  test('are records of that dataset, each one event, a minute apart', () => {
    const { record, second, third, other } = sample
    const all = [record, ...[second, third, other].map((but) => mergedRecord(record, but))]
    for (const [minute, each] of all.entries()) {
      const bytes = new TextEncoder().encode(JSON.stringify(each))
      const { events, unreadable } = eventsIn('sample', { bytes, at: '0', arrival: 0 })
      expect([events.map((event) => event.dataset.name), unreadable]).toEqual([[dataset], []])
      expect(events.map((event) => event.time)).toEqual([Date.UTC(2026, 2, 10, 9, minute)])
    }
  })

  test.each([...SKELETONS])('make a rule that loads and passes as it stands: %s', async (type, skeleton) => {
    const files = skeleton({ id: 'corp.new', dataset, sample, schema: 'x' })
    if (files.length === 0)
      return expect([type, sample.measured]).toEqual([expect.stringMatching(/^value_/), undefined])
    const rules = files.filter(({ suffix }) => suffix !== '.test')
    const set = loadRules(
      rules.map(({ suffix, content }) => ({ path: `${suffix}.json`, text: JSON.stringify(content) })),
      DATASETS,
    )
    expect([set.problems, set.rules.length]).toEqual([[], rules.length])
    const content = files.find(({ suffix }) => suffix === '.test')!.content
    const cases = readRuleCases('new.test.json', JSON.stringify(content))
    const [result] = await testRules(set, [{ rule: 'corp.new', cases }])
    expect(result!.cases.flatMap((each) => each.failures)).toEqual([])
    expect(result).toMatchObject({ ok: true, lacks: [] })
  })
})

test('the files it writes pass check and test, and an editor finds the schema from them', async () => {
  const out = folder.at('rules', 'corp')
  const made = await weir(['rules', 'new', 'corp.vault-read', '--dataset', 'azure.keyvault', '--out', out])
  expect([made.code, made.stdout]).toEqual([
    0,
    `${out}/corp.vault-read.json\n${out}/corp.vault-read.test.json\n`,
  ])
  const args = [
    'corp.then',
    '--dataset',
    'aws.cloudtrail',
    '--correlation',
    'temporal',
    '--out',
    out,
    '--json',
  ]
  const then = await weir(['rules', 'new', ...args])
  expect(JSON.parse(then.stdout)).toMatchObject({ rule: 'corp.then', files: { length: 4 } })
  const [checked, tested] = await Promise.all([
    weir(['rules', 'check', out, '--strict']),
    weir(['rules', 'test', out]),
  ])
  expect([checked.code, checked.stdout, tested.code]).toEqual([0, '', 0])
  const rule = JSON.parse(readFileSync(`${out}/corp.vault-read.json`, 'utf8'))
  expect(rule).toMatchObject({ id: 'corp.vault-read', name: 'Vault read', mode: 'shadow' })
  expect(JSON.parse(readFileSync(resolve(out, rule.$schema), 'utf8'))).toMatchObject({ title: 'Weir rule' })
})

test('what is there is never written over', async () => {
  const out = folder.at('kept')
  await weir(['rules', 'new', 'corp.kept', '--dataset', 'generic', '--out', out])
  writeFileSync(`${out}/corp.kept.json`, 'mine')
  const again = await weir(['rules', 'new', 'corp.kept', '--dataset', 'generic', '--out', out])
  expect([again.code, again.stdout]).toEqual([2, ''])
  expect(again.stderr).toContain('corp.kept.json is there already; nothing was written')
  expect(readFileSync(`${out}/corp.kept.json`, 'utf8')).toBe('mine')
})

test.each([
  [['corp.x', '--dataset', 'azure.keyvalt'], 'did you mean azure.keyvault?'],
  [['corp.x', '--dataset', 'generic', '--correlation', 'event_cnt'], 'did you mean event_count?'],
  [['../corp', '--dataset', 'generic'], 'an id is up to 128 letters'],
  [['corp.test', '--dataset', 'generic'], 'names a file of cases'],
  [['corp.x', '--dataset', 'aws.cloudtrail', '--correlation', 'value_sum'], 'begin with azure.storage'],
  [['corp.x'], '--dataset'],
])('%j: exit 2, and nothing is written', async (args, words) => {
  const { code, stderr } = await weir(['rules', 'new', ...args, '--out', folder.at('nothing')])
  expect([code, stderr.includes(words)]).toEqual([2, true])
  expect(readdirSync(folder.at())).not.toContain('nothing')
})
