import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RuleSet } from '@weir/engine'
import { createReport } from '@weir/runtime'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RuleKeeper } from '../src/rule-keeper.ts'

const RULE = {
  id: 'listed',
  name: 'An address of the list',
  severity: 'low',
  dataset: ['azure.signinlogs'],
  conditions: { all: [{ condition: 'listed' }] },
  event: { type: 'initial-access' },
}
const LISTED = { listed: { all: [{ fact: 'source.ip', operator: 'inList', value: 'bad' }] } }

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-rules-'))
  write('listed.json', JSON.stringify(RULE))
  write('shared.conditions.json', JSON.stringify(LISTED))
  write('bad.list.csv', '203.0.113.7\n')
})
afterEach(() => rmSync(folder, { recursive: true }))

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text)
}

/** Changes the files once the keeper has loaded them, and lets it look as often as there are changes, and once more. */
async function kept(
  ...changes: readonly (() => void)[]
): Promise<{ keeper: RuleKeeper; replaced: RuleSet[] }> {
  const replaced: RuleSet[] = []
  const ended = new AbortController()
  const open = [...changes, () => undefined]
  const clock = {
    now: () => 0,
    sleep: async () => {
      const change = open.shift()
      if (change === undefined) ended.abort()
      else change()
    },
  }
  const ports = {
    clock,
    report: createReport('silent'),
    replace: (set: RuleSet) => void replaced.push(set),
    health: () => undefined,
  }
  const keeper = await RuleKeeper.open([folder], ports)
  await keeper.watch(1, ended.signal)
  return { keeper, replaced }
}

describe('the rules in force', () => {
  it('hold what the folder holds: rules, named conditions and lists', async () => {
    const { keeper, replaced } = await kept()
    expect(keeper.reply()).toMatchObject({ refused: [], rules: [{ id: 'listed' }] })
    expect(keeper.rules.rules[0]!.lists!.get('bad')!('203.0.113.7')).toBe(true)
    expect(replaced).toEqual([])
  })

  it('follow a list that changes, as the same rules', async () => {
    const { keeper, replaced } = await kept(() => write('bad.list.csv', '198.51.100.0/24\n'))
    expect(replaced).toHaveLength(1)
    const [rule] = keeper.rules.rules
    expect(['203.0.113.7', '198.51.100.9'].map(rule!.lists!.get('bad')!)).toEqual([false, true])
    expect(rule!.hash).toBe((await kept()).keeper.rules.rules[0]!.hash)
  })

  it('follow a named condition that changes, as another rule', async () => {
    const before = (await kept()).keeper.rules.rules[0]!.hash
    const { keeper, replaced } = await kept(() => {
      write('shared.conditions.json', JSON.stringify({ listed: { not: LISTED.listed } }))
    })
    expect(replaced).toHaveLength(1)
    expect(keeper.rules.rules[0]!.hash).not.toBe(before)
  })

  it('stay where a file comes that is no use, and where one changes in nothing but its spelling', async () => {
    const { keeper, replaced } = await kept(
      () => write('bad.list.json', '["203.0.113.7"]'),
      () => rmSync(join(folder, 'bad.list.json')),
      () => write('listed.json', JSON.stringify(RULE, null, 2)),
    )
    expect(replaced).toEqual([])
    expect(keeper.reply().refused).toEqual([])
  })

  it('say what is wrong with a list, and keep the one before', async () => {
    const { keeper, replaced } = await kept(() => write('bad.list.csv', '# weir: colum=x\n203.0.113.7\n'))
    expect(replaced).toEqual([])
    expect(keeper.reply().refused).toEqual([
      expect.stringMatching(/bad\.list\.csv:1:1 error value: behind "# weir:"/),
      expect.stringMatching(/listed\.json:1:\d+ error unknown-list: condition "listed"/),
      expect.stringMatching(/shared\.conditions\.json:1:\d+ error unknown-list: unknown list/),
    ])
    expect(keeper.rules.rules[0]!.lists!.get('bad')!('203.0.113.7')).toBe(true)
  })
})
