import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { loadRuleFolders } from '@weir/aggregator'
import type { Rule } from '@weir/engine'
import { isNearMiss, type RuleCase, readRuleCases, testCase } from '@weir/pipeline'
import { describe, expect, test } from 'vitest'

const FOLDER = new URL('../../rules', import.meta.url).pathname
const rules = await loadRuleFolders([FOLDER])

test('every rule file loads without an error or a warning', () => {
  expect(rules.problems).toEqual([])
  const files = namesBelow().filter((name) => !name.endsWith('.test.json'))
  expect(rules.rules.map((rule) => rule.file).sort()).toEqual(files.map((name) => `${FOLDER}/${name}`).sort())
})

test('every file of cases stands beside a rule', () => {
  const lonely = namesBelow().filter(
    (name) => name.endsWith('.test.json') && !existsSync(`${FOLDER}/${name.replace('.test.json', '.json')}`),
  )
  expect(lonely).toEqual([])
})

describe.each(rules.rules.filter((rule) => rule.alert))('$id', (rule) => {
  const cases = casesOf(rule)

  test('tells the analyst what, why and what to do', () => {
    expect(typeof rule.event.params['message']).toBe('string')
    expect(rule.description).toMatch(/\S/)
    expect(rule.runbook).toMatch(/\S/)
    expect(rule.falsePositives).not.toEqual([])
    // A canary tells of no attack.
    if (rule.event.type !== 'canary') expect(rule.attack).not.toEqual([])
  })

  test('has a hit and a near-miss', () => {
    expect(cases.some((each) => !isNearMiss(each))).toBe(true)
    expect(cases.some(isNearMiss)).toBe(true)
  })

  test.each(cases)('$name', async (each) => {
    expect((await testCase(rules, rule, each)).failures).toEqual([])
  })
})

function casesOf(rule: Rule): readonly RuleCase[] {
  const path = rule.file.replace(/\.json$/, '.test.json')
  return existsSync(path) ? readRuleCases(path, readFileSync(path, 'utf8')) : []
}

function namesBelow(): string[] {
  return readdirSync(FOLDER, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.json'))
}
