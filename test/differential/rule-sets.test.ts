import { loadRuleFolders } from '@weir/aggregator'
import { Comparison, type Difference, type RuleSet } from '@weir/engine'
import type { Event } from '@weir/model'
import { DATASETS, eventIdOf } from '@weir/normalize'
import { describe, expect, test } from 'vitest'
import { CORPUS, caseEvents, eventsBelow, sampledEvents } from './events.ts'
import { sigmaRules } from './sigma-rules.ts'

const RULES = new URL('../../rules', import.meta.url).pathname
const shipped = await loadRuleFolders([RULES])

interface Compared {
  readonly differences: readonly string[]
  readonly events: number
  readonly pairs: number
  readonly hits: number
}

/** Compiled and indexed against the plain library, each rule with each event of its datasets. */
async function compare(rules: RuleSet, batches: AsyncIterable<readonly Event[]>): Promise<Compared> {
  const comparison = new Comparison(rules, DATASETS)
  const differences: string[] = []
  for await (const events of batches) differences.push(...(await comparison.compare(events)).map(shown))
  const { events, pairs, hits } = comparison
  return { differences, events, pairs, hits }
}

function shown({ rule, event, hitBy }: Difference): string {
  return `${rule.id} (${rule.file}): ${eventIdOf(event)} is a hit to the ${hitBy} only`
}

test('shipped rules on the records of all their cases', async () => {
  const asking = shipped.rules.filter((rule) => rule.conditions !== undefined)
  const { differences, events, hits } = await compare(shipped, caseEvents(RULES))
  expect(differences).toEqual([])
  expect(events).toBeGreaterThan(200)
  expect(hits).toBeGreaterThan(asking.length)
})

const cloudTrail = () => eventsBelow('invictus-aws', 'CloudTrail')
const apiCalls = () => eventsBelow('traildiscover', 'docs', 'logExamples')
const unifiedAudit = () => eventsBelow('o365-split')
const blobs = () => eventsBelow('pt1h-real')

/**
 * Records, their events, hits of shipped rules at least (fewer would say that the rules no longer see the records),
 * and whether Sigma has rules for their datasets: it has none for vaults, flows and metrics.
 */
const RECORDS = [
  ['CloudTrail as delivered', cloudTrail, 2_900, 30, true],
  ['one file per API call', apiCalls, 563, 2, true],
  ['a unified audit export', unifiedAudit, 4_804, 5, true],
  ['PT1H.json blobs, flows and noise', blobs, 13_962, 5, false],
  ['samples of another normalizer', sampledEvents, 170, 3, true],
] as const

describe.skipIf(CORPUS === undefined)('shipped rules on every published record', () => {
  test.each(RECORDS)('%s', async (_name, records, events, hits) => {
    const compared = await compare(shipped, records())
    expect(compared.differences).toEqual([])
    expect(compared.events).toBe(events)
    expect(compared.hits).toBeGreaterThanOrEqual(hits)
  })
})

const sigma = sigmaRules()

describe.skipIf(CORPUS === undefined)('every Sigma rule that is imported on every published record', () => {
  test('all of them load', () => {
    expect(sigma.problems.filter((problem) => problem.severity === 'error')).toEqual([])
    expect(sigma.rules.length).toBeGreaterThanOrEqual(199)
  })

  test.each(RECORDS)('%s', async (_name, records, events, _hits, asked) => {
    const compared = await compare(sigma, records())
    expect(compared.differences).toEqual([])
    expect(compared.events).toBe(events)
    expect(compared.pairs > 0).toBe(asked)
  })

  test('records of the cases of shipped rules', async () => {
    const { differences, pairs, hits } = await compare(sigma, caseEvents(RULES))
    expect(differences).toEqual([])
    expect(pairs).toBeGreaterThan(1_000)
    expect(hits).toBeGreaterThan(10)
  })
})
