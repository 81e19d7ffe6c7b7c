import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type Correlator, createCorrelator, nameOf, oracle, type Rule } from '@weir/engine'
import type { Match } from '@weir/model'
import { DEFAULTS, secretHash } from '@weir/pipeline'
import { median } from './measure.ts'
import { correlatorFrom, countingRule, openLine, ROUND, roundsOf, type StateLine } from './state-line.ts'
import { addressOf, filling, going } from './state-traffic.ts'

/** What correlation holds for groups that are far from an alert, and how fast it takes their matches. */
export interface StateResult {
  readonly lane: 'state'
  readonly groups: number
  readonly members: number
  /** Heap and array buffers after a collection, without the text of the key, which is given beside. */
  readonly bytes_per_group: number
  readonly key_bytes_per_group: number
  /** While the groups fill, in random order: by the median round, and over all. */
  readonly updates_per_s: number
  readonly mean_updates_per_s: number
  /** While as many groups come and those before are forgotten, over all. */
  readonly going_updates_per_s: number
  /** Longest round of 2,000 updates, milliseconds. */
  readonly longest_ms: number
  /** Groups near their threshold in a line with a store, and alerts that only it or only the oracle has. */
  readonly compared: { readonly groups: number; readonly alerts: number; readonly differences: number }
  readonly restart: { readonly groups: number; readonly seconds: number }
}

const MEMBERS = 5

export async function measureState(groups: number, seed: number, folder: string): Promise<StateResult> {
  return {
    lane: 'state',
    ...measureHeld(groups, seed),
    compared: await compare(Math.ceil(groups / 50), seed, join(folder, 'compared.db')),
    restart: await measureRestart(Math.ceil(groups / 5), seed, join(folder, 'restart.db')),
  }
}

/** Memory alone: no group comes near the threshold, so nothing is ever recalled. */
function measureHeld(groups: number, seed: number): Omit<StateResult, 'lane' | 'compared' | 'restart'> {
  const rules = countingRule(2 * MEMBERS)
  const rule = rules.rules[0] as Rule
  const before = usedBytes()
  const correlator = createCorrelator(rules, DEFAULTS.correlate, { recall: () => [], hash: secretHash() })
  const filled = timed(correlator, filling(rule, groups, MEMBERS, seed))
  const bytes = usedBytes() - before
  const { groups: held, members } = correlator.status()
  if (held !== groups || members !== groups * MEMBERS)
    throw new Error(`${held} groups hold ${members} members`)
  const gone = timed(correlator, going(rule, groups, MEMBERS, seed + 1))
  const keyBytes = keyBytesOf(groups)
  return {
    groups,
    members,
    bytes_per_group: rounded(bytes / groups - keyBytes),
    key_bytes_per_group: rounded(keyBytes),
    updates_per_s: Math.round(ROUND / median(filled)),
    mean_updates_per_s: Math.round(members / sum(filled)),
    going_updates_per_s: Math.round(members / sum(gone)),
    longest_ms: rounded(1_000 * Math.max(...filled, ...gone)),
  }
}

/** Only what the correlator does is timed; making matches is not. */
function timed(correlator: Correlator, matches: Iterable<Match>): readonly number[] {
  const secondsEach: number[] = []
  for (const { round, watermark } of roundsOf(matches)) {
    const start = performance.now()
    for (const match of round) correlator.add(match, 0)
    correlator.advance(() => watermark, 0)
    correlator.take()
    secondsEach.push((performance.now() - start) / 1_000)
  }
  return secondsEach
}

/** Groups that come near their threshold or reach it: every alert must be the oracle's. */
async function compare(groups: number, seed: number, path: string): Promise<StateResult['compared']> {
  const rules = countingRule(MEMBERS)
  const rule = rules.rules[0] as Rule
  const matches = [...filling(rule, groups, 2 * MEMBERS, seed), ...going(rule, groups, 2 * MEMBERS, seed + 1)]
  const line = await openLine(rules, path)
  for (const { round, watermark } of roundsOf(matches)) {
    for (const match of round) line.correlator.add(match, 0)
    line.correlator.advance(() => watermark, 0)
    await line.commit()
  }
  line.correlator.finish(0)
  await line.commit()
  const found = await alertsOf(line)
  await line.store.close()
  const expected = new Set(oracle(rules.rules, matches).map(nameOf))
  return {
    groups: 2 * groups,
    alerts: expected.size,
    differences: missing(found, expected) + missing(expected, found),
  }
}

function missing(from: ReadonlySet<string>, of: ReadonlySet<string>): number {
  let count = 0
  for (const each of of) if (!from.has(each)) count++
  return count
}

async function alertsOf({ store, episodes }: StateLine): Promise<Set<string>> {
  const alerts = new Set<string>()
  for (const { id, correlation, groupKey, status } of episodes.values()) {
    if (status === 'merged') continue
    const { items } = await store.members(id, 10_000)
    const events = items.map(({ match }) => match.identity).sort()
    alerts.add(nameOf({ rule: correlation, group: groupKey, events }))
  }
  return alerts
}

async function measureRestart(groups: number, seed: number, path: string): Promise<StateResult['restart']> {
  const rules = countingRule(2 * MEMBERS)
  const { store, correlator, commit } = await openLine(rules, path)
  for (const { round } of roundsOf(filling(rules.rules[0] as Rule, groups, MEMBERS, seed))) {
    for (const match of round) correlator.add(match, 0)
    await commit()
  }
  const start = performance.now()
  const again = await correlatorFrom(store, rules)
  const seconds = rounded((performance.now() - start) / 1_000)
  if (again.status().members !== groups * MEMBERS) throw new Error('a restart lost members')
  await store.close()
  return { groups, seconds }
}

/** What the keys take by themselves, less the place in the list that names each. */
function keyBytesOf(groups: number): number {
  const before = usedBytes()
  const keys = Array.from({ length: groups }, (_, group) => JSON.stringify([addressOf(group)]))
  return (usedBytes() - before) / keys.length - 8
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

function usedBytes(): number {
  for (let n = 0; n < 3; n++) collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}

function rounded(number: number): number {
  return Number(number.toPrecision(4))
}
