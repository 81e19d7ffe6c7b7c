import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadRules, type RuleFile } from '@weir/engine'
import { DATASETS } from '@weir/normalize'
import { readRuleCases, testRules } from '@weir/pipeline'
import { describe, expect, test } from 'vitest'

interface Block {
  /** Line of the page on which it begins. */
  readonly line: number
  /** What stands behind the three backquotes. */
  readonly kind: string
  readonly text: string
}

const page = readFileSync(join(import.meta.dirname, '../../docs/rules.md'), 'utf8')
const blocks = jsonBlocks(page)
const ruleBlocks = blocks.filter(({ kind, text }) => kind === 'json' && !text.startsWith('['))
const files = blocks.filter((block) => !isList(block)).map(fileOf)
const rules = loadRules(files, DATASETS)
/** A list holds the cases of the rule that stands above it. */
const tests = blocks.flatMap((block, index) => (isList(block) ? [{ above: ruleAbove(index), block }] : []))

test('the page shows rules and their cases', () => {
  expect(ruleBlocks.length).toBeGreaterThan(10)
  expect(tests.length).toBeGreaterThan(5)
})

test('every example loads; the only warnings are of those that are there to show them', () => {
  const told = rules.problems.map(({ severity, code }) => `${severity} ${code}`)
  expect(told.sort()).toEqual(['warning bare-rule', 'warning slow'])
  expect(rules.rules.length).toBe(ruleBlocks.length)
})

describe.each(tests)('the cases of $above.id', ({ above, block }) => {
  test('hold, hits and near-misses', async () => {
    const cases = readRuleCases(`docs/rules.md:${block.line}`, block.text)
    const [result] = await testRules(rules, [{ rule: above.id, cases }])
    expect(result?.cases.flatMap(({ name, failures }) => failures.map((why) => `${name}: ${why}`))).toEqual(
      [],
    )
    expect(result?.ok).toBe(true)
  })
})

function jsonBlocks(text: string): Block[] {
  return [...text.matchAll(/^```(json.*|csv .*)\n([\s\S]*?)^```$/gm)].map((found) => ({
    line: text.slice(0, found.index).split('\n').length,
    kind: found[1]!,
    text: found[2]!,
  }))
}

function isList({ text }: Block): boolean {
  return text.startsWith('[')
}

function fileOf({ line, kind, text }: Block): RuleFile {
  if (kind.startsWith('csv ')) return { path: kind.slice('csv '.length), text }
  const ending = kind === 'json conditions' ? 'conditions.json' : 'json'
  return { path: `docs/rules-line-${line}.${ending}`, text }
}

function ruleAbove(index: number): { readonly id: string } {
  const above = blocks.slice(0, index).findLast((block) => ruleBlocks.includes(block))
  return JSON.parse(above!.text) as { id: string }
}
