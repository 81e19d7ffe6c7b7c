import type { Match, Recall } from '@weir/model'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Correlator, createCorrelator } from '../src/correlate/correlator.ts'
import type { TextHash } from '../src/correlate/text-hash.ts'
import { oracle } from '../src/oracle/oracle.ts'
import type { Bounds, Rule } from '../src/rule/rule.ts'
import {
  hashOf,
  LIMITS,
  match,
  names,
  type RuleWords,
  rule,
  ruleSet,
  TestStore,
  weakHashOf,
} from './correlate-kit.ts'

const BASES = ['a', 'b', 'c']
const GROWING = ['event_count', 'value_count', 'temporal', 'temporal_ordered'] as const
const MEASURED = ['value_sum', 'value_avg', 'value_percentile'] as const

interface Scenario {
  readonly rules: readonly Rule[]
  /** In order of arrival. */
  readonly matches: readonly Match[]
  readonly latenessMs: number
  /** After which arrivals the watermark advances, a commit is taken, and the process dies. */
  readonly steps: readonly { readonly advance: boolean; readonly take: boolean; readonly crash: boolean }[]
}

const common = (over: readonly string[]) => ({
  over: fc.array(fc.constantFrom(...over), { minLength: 1, maxLength: 3 }),
  by: fc.constantFrom([], ['g'], ['g'], ['list'], ['g', 'h']),
  join: fc.constantFrom(undefined, undefined, 0, 2, 6),
  alert: fc.boolean(),
})

const growing = (over: readonly string[]) =>
  fc.record({
    ...common(over),
    type: fc.constantFrom(...GROWING),
    span: fc.constantFrom(0, 1, 3, 5, 10),
    gte: fc.integer({ min: 1, max: 4 }),
    field: fc.constantFrom('v', 'g', ['v', 'h']),
  })

const bounds = (max: number): fc.Arbitrary<Bounds> =>
  fc.oneof(
    ...(['lt', 'lte', 'eq', 'neq'] as const).map((word) =>
      fc.record({ [word]: fc.integer({ min: 0, max }) }),
    ),
    fc.record({ gte: fc.integer({ min: 0, max }), lte: fc.integer({ min: 0, max }) }),
    fc.record({ gt: fc.integer({ min: 0, max }), lt: fc.integer({ min: 0, max }) }),
  )

const tumbling = (over: readonly string[]) =>
  fc.oneof(
    fc.record({
      ...common(over),
      type: fc.constantFrom('event_count', 'value_count', 'temporal'),
      span: fc.constantFrom(1, 3, 5, 10),
      bounds: bounds(4),
      field: fc.constantFrom('v', 'g', ['v', 'h']),
    }),
    fc.record({
      ...common(over),
      type: fc.constantFrom(...MEASURED),
      span: fc.constantFrom(1, 3, 5, 10),
      bounds: fc.oneof(bounds(8), fc.record({ gt: fc.integer({ min: -1, max: 8 }) })),
      field: fc.constantFrom('v', 'n'),
      percentile: fc.constantFrom(0, 25, 50, 95, 100),
    }),
  )

const newTerms = (over: readonly string[]) =>
  fc.record({
    ...common(over),
    type: fc.constant('new_terms'),
    span: fc.constantFrom(1, 3, 5, 10, 20),
    field: fc.constantFrom('v', 'g', ['v', 'h']),
    learn: fc.constantFrom(undefined, 1, 5, 20),
  })

const absence = (over: readonly string[]) =>
  fc.record({
    ...common(over),
    type: fc.constant('absence'),
    over: fc.uniqueArray(fc.constantFrom(...over), { minLength: 2, maxLength: 2 }),
    span: fc.constantFrom(1, 3, 5, 10),
  })

const words = (over: readonly string[]): fc.Arbitrary<RuleWords> =>
  fc.oneof(
    { weight: 3, arbitrary: growing(over) },
    tumbling(over),
    newTerms(over),
    absence(over),
  ) as fc.Arbitrary<RuleWords>

const rules: fc.Arbitrary<readonly Rule[]> = fc
  .tuple(words(BASES), words(BASES), words([...BASES, 'x', 'y', 'x', 'y']), words(['x', 'y', 'z', 'z', 'a']))
  .map(([x, y, z, w]) => [
    ...BASES.map((id) => rule(id, { alert: id === 'a' })),
    rule('x', x),
    rule('y', y),
    rule('z', z),
    rule('w', w),
  ])

/** One busy correlation: enough members for the sliding window to be kept. */
const busyRules: fc.Arbitrary<readonly Rule[]> = fc
  .tuple(
    growing(BASES) as fc.Arbitrary<RuleWords>,
    fc.constantFrom([], ['g']),
    fc.integer({ min: 1, max: 20 }),
    fc.constantFrom(3, 10, 30),
  )
  .map(([x, by, gte, span]) => [
    ...BASES.map((id) => rule(id, { alert: false })),
    rule('x', { ...x, by, gte: x.type === 'event_count' ? gte : x.gte!, span }),
  ])

/** Many groups of a counting correlation, most of them far from its threshold. */
const countingRules: fc.Arbitrary<readonly Rule[]> = fc
  .tuple(
    growing(BASES) as fc.Arbitrary<RuleWords>,
    fc.constantFrom('event_count' as const, 'event_count' as const, 'value_count' as const),
    fc.constantFrom(['g', 'v'], ['v'], ['g', 'h']),
    fc.integer({ min: 2, max: 6 }),
    fc.constantFrom(0, 1, 3, 10, 40),
    words(['x', 'a']),
  )
  .map(([x, type, by, gte, span, y]) => [
    ...BASES.map((id) => rule(id, { alert: false })),
    rule('x', { ...x, type, by, gte, span }),
    rule('y', y),
  ])

const happening = (spanMs: number) =>
  fc.record({
    time: fc.integer({ min: 0, max: spanMs }),
    delay: fc.integer({ min: 0, max: 100 }),
    rules: fc.uniqueArray(fc.constantFrom(...BASES), { minLength: 1, maxLength: 3 }),
    subject: fc.integer({ min: 0, max: 15 }),
    again: fc.boolean(),
    fields: fc.record(
      {
        g: fc.constantFrom('1', '2', null),
        h: fc.constantFrom('1', 2),
        v: fc.integer({ min: 0, max: 4 }),
        n: fc.constantFrom('1', '-2.5', 3, 'four', [5]),
        list: fc.constantFrom(['p'], ['p', 'q'], 'p'),
      },
      { requiredKeys: [] },
    ),
  })

const steps = fc.array(
  fc.record({ advance: fc.boolean(), take: fc.boolean(), crash: fc.nat(3).map((one) => one === 0) }),
  { minLength: 1, maxLength: 10 },
)

/** Up to `eventsMax` events within `spanMs`. */
function scenario(
  all: fc.Arbitrary<readonly Rule[]>,
  eventsMax: number,
  spanMs: number,
): fc.Arbitrary<Scenario> {
  const events = fc.array(happening(spanMs), { minLength: 1, maxLength: eventsMax, size: 'max' })
  return fc
    .record({ rules: all, latenessMs: fc.constantFrom(0, 4, 15, 60), events, steps })
    .map(({ events: happened, latenessMs, ...rest }) => ({
      ...rest,
      latenessMs,
      matches: arrivals(happened as readonly Happening[], latenessMs),
    }))
}

interface Happening {
  readonly time: number
  readonly delay: number
  readonly rules: readonly string[]
  readonly subject: number
  readonly again: boolean
  readonly fields: Match['fields']
}

/** Every event comes no later than the lateness; some come twice. */
function arrivals(happenings: readonly Happening[], latenessMs: number): Match[] {
  return happenings
    .flatMap(({ time, delay, rules: met, subject, again, fields }, index) => {
      const late = (delay * latenessMs) / 100
      const one = met.map((id) => ({
        at: time + late,
        match: match(id, time, { id: `e${index}`, subject: `s${subject}`, fields }),
      }))
      return again ? [...one, ...one.map((each) => ({ ...each, at: time + latenessMs }))] : one
    })
    .sort((a, b) => a.at - b.at)
    .map((each) => each.match)
}

/** What packed groups went through in all runs of a test. */
class Moves {
  unpacked = 0
  packedAgain = 0
  recalls = 0

  /** Groups neither come nor go while one is added to or time passes, but for those that a match begins. */
  watch(correlator: Correlator, change: () => void): void {
    const before = correlator.status()
    change()
    const after = correlator.status()
    if (after.groups > before.groups) return
    if (after.wholeGroups > before.wholeGroups) this.unpacked++
    if (after.groups - after.wholeGroups > before.groups - before.wholeGroups) this.packedAgain++
  }
}

/** @param hash without it every group is held whole. */
function run(
  { rules: all, matches, latenessMs, steps }: Scenario,
  hash?: TextHash,
  moves = new Moves(),
): TestStore {
  const store = new TestStore()
  const recall: Recall = (...group) => {
    moves.recalls++
    return store.recall(...group)
  }
  const begin = () => createCorrelator(ruleSet(...all), LIMITS, hash && { recall, hash })
  let clock = Number.NEGATIVE_INFINITY
  let correlator = begin()
  matches.forEach((each, index) => {
    const step = steps[index % steps.length]!
    moves.watch(correlator, () => correlator.add(each, index * 20_000))
    clock = Math.max(clock, each.time)
    const watermark = clock - latenessMs
    if (step.advance) moves.watch(correlator, () => correlator.advance(() => watermark, index * 20_000))
    if (step.take || step.crash) store.commit(correlator.take())
    if (!step.crash) return
    correlator = begin()
    correlator.restore(store.load())
    if (step.advance) correlator.advance(() => watermark, index * 20_000)
  })
  correlator.finish(matches.length)
  store.commit(correlator.take())
  expect(correlator.status()).toEqual({
    openEpisodes: 0,
    unsentRevisions: 0,
    members: 0,
    groups: 0,
    wholeGroups: 0,
    terms: 0,
  })
  return store
}

function check(each: Scenario, hash?: TextHash, moves?: Moves): void {
  const store = run(each, hash, moves)
  const alerting = new Set(each.rules.filter((one) => one.alert || one.correlation).map((one) => one.id))
  const expected = oracle(each.rules, each.matches).filter((account) => alerting.has(account.rule))
  expect(names(store.accounts())).toEqual(names(expected))
  expect(store.skipped.filter(({ reason }) => !reason.startsWith('no-'))).toEqual([])
  expect([...store.members.values()].filter((member) => member.episode === undefined)).toEqual([])
  for (const finding of store.alerts.values()) {
    const episode = store.episodes.get(finding.id)
    if (episode !== undefined)
      expect([finding.count, finding.revision]).toEqual([episode.count, episode.revision])
  }
}

const RUNS = { seed: Number(process.env['WEIR_SEED'] ?? 20_240_611) }

test('whatever the rules, the chains, the order of arrival and the crashes, the episodes are those of the oracle', () => {
  const numRuns = Number(process.env['WEIR_RUNS'] ?? 6_000)
  fc.assert(
    fc.property(scenario(rules, 16, 40), (each) => check(each)),
    { ...RUNS, numRuns },
  )
})

test('busy groups have the episodes of the oracle, too', () => {
  const numRuns = Math.ceil(Number(process.env['WEIR_RUNS'] ?? 6_000) / 6)
  fc.assert(
    fc.property(scenario(busyRules, 45, 60), (each) => check(each)),
    { ...RUNS, numRuns },
  )
})

describe.each([
  ['a good hash', hashOf],
  ['a hash that hardly tells texts apart', weakHashOf],
] as const)('packed, with %s', (_, hash) => {
  test.each([
    ['whatever the rules', rules, 16, 40, 2],
    ['busy groups', busyRules, 45, 60, 12],
    ['many groups', countingRules, 60, 120, 6],
  ] as const)('%s: the episodes are those of the oracle', (_, all, eventsMax, spanMs, part) => {
    const numRuns = Math.ceil(Number(process.env['WEIR_RUNS'] ?? 6_000) / part)
    const moves = new Moves()
    const checked = fc.property(scenario(all, eventsMax, spanMs), (each) => check(each, hash, moves))
    fc.assert(checked, { ...RUNS, numRuns })
    if (all !== countingRules) return
    expect(moves.unpacked).toBeGreaterThan(numRuns / 10)
    expect(moves.packedAgain).toBeGreaterThan(numRuns / 20)
    expect(moves.recalls).toBeGreaterThan(numRuns)
  })
})
