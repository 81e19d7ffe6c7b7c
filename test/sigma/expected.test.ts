import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { CORPUS, importCorpus, loadedRules, matchesOver } from './corpus.ts'

interface Row {
  readonly rule: string
  readonly event_ids: readonly string[]
}

async function rowsOf(name: string): Promise<readonly Row[]> {
  const text = await readFile(join(CORPUS!, 'expected', `${name}.jsonl`), 'utf8')
  return text.split('\n').flatMap((line) => (line === '' ? [] : (JSON.parse(line) as Row)))
}

describe.skipIf(CORPUS === undefined)('published rules over published records', () => {
  test('every azure, m365 and aws rule is imported, and loads without a word', async () => {
    const imported = await importCorpus(
      ['azure', 'm365', 'aws'].map((product) => `sigma-rules/rules/cloud/${product}`),
    )
    expect(imported.outcomes.filter(({ outcome }) => outcome === 'refused')).toEqual([])
    const products = imported.outcomes.map(({ file }) => file.split('/')[3]!)
    expect(Object.groupBy(products, (product) => product)).toMatchObject({
      azure: { length: 123 },
      m365: { length: 19 },
      aws: { length: 57 },
    })
    expect(loadedRules(imported).problems).toEqual([])
  })

  test('rules with placeholders wait for their values', async () => {
    const folders = ['sigma-rules/rules-placeholder']
    const { outcomes } = await importCorpus(folders)
    expect(outcomes.map(({ reason }) => reason?.split(':')[0])).toEqual(Array(8).fill('placeholder'))
    const names = outcomes.flatMap(({ reason }) => /%(.*?)%/.exec(reason!)?.[1] ?? [])
    const more = ['Legitimate_IP_Ranges', 'UnApprovedIp', 'UnApprovedDevice']
    const placeholders = Object.fromEntries([...names, ...more].map((name) => [name, ['a', 'b*']]))
    const given = await importCorpus(folders, [{ logsource: {}, placeholders }])
    expect(given.outcomes.map(({ reason }) => reason)).toEqual(Array(8).fill(null))
    expect(loadedRules(given).problems).toEqual([])
  })

  test('legacy aggregations are refused by name', async () => {
    const { outcomes } = await importCorpus(['sigma-rules/unsupported'])
    expect(outcomes.length).toBe(14)
    const codes = outcomes.map(({ reason }) => reason?.split(':')[0])
    expect(
      Object.fromEntries(
        Object.entries(Object.groupBy(codes, (code) => code!)).map(([code, all]) => [code, all!.length]),
      ),
    ).toEqual({
      'legacy-aggregation': 13,
      // Two selections of one event: the condition is plain, only the timeframe is not.
      'legacy-timeframe': 1,
    })
  })

  test.each([
    ['sigma-aws--invictus-aws', 'aws', 'invictus-aws/CloudTrail', 58, 109],
    ['sigma-aws--traildiscover', 'aws', 'traildiscover/docs/logExamples', 56, 103],
    ['sigma-m365--o365-split', 'm365', 'o365-split', 19, 0],
  ])('%s: the same events, rule by rule', async (name, product, folder, rules, events) => {
    const rows = await rowsOf(name)
    const imported = await importCorpus([`sigma-rules/rules/cloud/${product}`])
    const matches = await matchesOver(loadedRules(imported), folder)
    const ruleIds = new Map(imported.outcomes.map(({ file, rule }) => [file, rule!]))
    const found = rows.map(({ rule }) => [rule, [...(matches.get(ruleIds.get(rule) ?? '') ?? [])].sort()])
    expect(found).toEqual(rows.map(({ rule, event_ids }) => [rule, [...event_ids].sort()]))
    expect([rows.length, rows.reduce((sum, row) => sum + row.event_ids.length, 0)]).toEqual([rules, events])
  })
})
