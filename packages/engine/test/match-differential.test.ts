import type { Event } from '@weir/model'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createMatcher, createReferenceMatcher, type Hit, type Rule } from '../src/index.ts'
import { admits } from '../src/match/admits.ts'
import { AUDITS, DATASETS, eventOf, ruleOf, ruleSetOf, SIGNINS } from './match-fixtures.ts'
import { conditions, gate, LISTS, named, record } from './match-generate.ts'

const rulesPerRun = 25
const eventsPerRun = 20
/** Pairs of which the library is really asked: those whose dataset the rule's gate admits. */
const pairsMin = 100_000
const runs = 300
/** The library is slow, and on a busy machine slower: this only ends a run that hangs. */
const patienceMs = 600_000
/** Another seed tries other rules; a failure prints the one that made it. */
const seed = Number(process.env['WEIR_SEED'] ?? 20_260_102)

const world = fc.tuple(
  named,
  fc.array(fc.tuple(conditions, gate), { minLength: rulesPerRun, maxLength: rulesPerRun }),
  fc.array(fc.tuple(record, fc.boolean()), { minLength: eventsPerRun, maxLength: eventsPerRun }),
)

interface Compared {
  readonly pairs: number
  readonly hits: number
}

describe('the compiled and indexed matcher against the library', () => {
  it(
    `says the same of more than ${pairsMin} pairs of rule and event`,
    async () => {
      let pairs = 0
      let hits = 0
      await fc.assert(
        fc.asyncProperty(world, async ([names, made, records]) => {
          const rules = made.map(([each, datasets], index) =>
            ruleOf(`r${index}`, each, datasets, { named: names, lists: LISTS }),
          )
          const events = records.map(([each, audit]) => eventOf(each, audit ? AUDITS : SIGNINS))
          const compared = await compare(rules, events)
          pairs += compared.pairs
          hits += compared.hits
        }),
        { seed, numRuns: runs },
      )
      expect(pairs).toBeGreaterThanOrEqual(pairsMin)
      // A generator whose rules never match, or always do, would prove nothing.
      expect(hits).toBeGreaterThan(pairs * 0.1)
      expect(hits).toBeLessThan(pairs * 0.9)
    },
    patienceMs,
  )
})

async function compare(rules: readonly Rule[], events: readonly Event[]): Promise<Compared> {
  const set = ruleSetOf(rules)
  const compiled = createMatcher(set, DATASETS)
  const reference = createReferenceMatcher(set, DATASETS)
  const [found, expected] = [await compiled.match(events), await reference.match(events)]
  expect(found.map((hit) => show(hit, events))).toEqual(expected.map((hit) => show(hit, events)))
  const counted = reference.takeErrors()
  for (const [id, count] of compiled.takeErrors()) expect(counted.get(id) ?? 0).toBeGreaterThanOrEqual(count)
  return { pairs: pairsOf(rules, events), hits: expected.length }
}

function pairsOf(rules: readonly Rule[], events: readonly Event[]): number {
  return events.reduce((sum, { dataset }) => sum + rules.filter((rule) => admits(rule, dataset)).length, 0)
}

function show(hit: Hit, events: readonly Event[]): string {
  const names = JSON.stringify([...(hit.rule.named ?? [])])
  const where = `${JSON.stringify(hit.rule.conditions)} with ${names} in ${[...hit.rule.datasets].join()}`
  return `event ${events.indexOf(hit.event)} ${JSON.stringify(hit.event.record)} met ${where}`
}
