import { type Lane, matchLane, parseLane, pipelineLane } from './lanes.ts'
import { NaiveLane } from './naive.ts'
import type { LaneName, Options } from './options.ts'
import { type Round, roundsOf } from './round.ts'
import type { BenchRules } from './rule-set.ts'

/** What one lane did with one set of rules: medians over the rounds that count. */
export interface Result {
  readonly lane: LaneName
  readonly rules: number
  readonly hard_share: number
  readonly events_per_s: number
  /** Megabytes of lines, before compression. */
  readonly mb_per_s: number
  /** Median of the ratios of the single rounds. */
  readonly ratio_to_parse: number
  /** Share of events that met at least one rule. */
  readonly match_share: number
  readonly rounds: number
}

/** What one lane made of one round. */
interface Sample {
  readonly seconds: number
  readonly events: number
  readonly bytes: number
  readonly parseSeconds: number
}

/** One set of rules through every lane, one round after the other, every lane of a round over the same records. */
export async function measure(options: Options, rules: BenchRules, folder: string): Promise<Result[]> {
  const lanes = await lanesOf(options.lanes, rules, folder)
  const naive = options.lanes.includes('naive') ? new NaiveLane(rules.set, options.sizes) : undefined
  const samples = new Map<LaneName, Sample[]>(options.lanes.map((name) => [name, []]))
  let events = 0
  let met = 0
  let number = 0
  for (const round of roundsOf(options, options.seed + rules.set.rules.length)) {
    const timed = await timedRound(lanes, round, number)
    naive?.keep(round)
    if (number++ < options.sizes.warmUpRounds) continue
    events += round.events
    met += timed.met
    const parseSeconds = timed.seconds.get('parse')!
    for (const [name, seconds] of timed.seconds)
      samples.get(name)!.push({ seconds, events: round.events, bytes: round.bytes, parseSeconds })
  }
  for (const lane of lanes.values()) await lane.close()
  if (naive !== undefined) samples.set('naive', await naiveSamples(naive, samples.get('parse')!))
  const shared = { rules: rules.set.rules.length, hard_share: rules.hardShare, match_share: met / events }
  return [...samples].map(([lane, some]) => ({ lane, ...shared, ...resultOf(some) }))
}

async function lanesOf(
  names: readonly LaneName[],
  { set }: BenchRules,
  folder: string,
): Promise<Map<LaneName, Lane>> {
  const all: readonly (readonly [LaneName, () => Lane | Promise<Lane>])[] = [
    ['parse', parseLane],
    ['parse+match', () => matchLane(set)],
    ['pipeline', () => pipelineLane(set, folder, (round) => round.messages)],
    ['gzip', () => pipelineLane(set, folder, (round) => round.gzipped)],
  ]
  const lanes = new Map<LaneName, Lane>()
  for (const [name, make] of all) if (names.includes(name)) lanes.set(name, await make())
  return lanes
}

/** Each lane once, beginning with another one each time. Throws when they do not agree on what they saw. */
async function timedRound(lanes: ReadonlyMap<LaneName, Lane>, round: Round, number: number) {
  const order = [...lanes.keys()]
  const first = number % order.length
  const seconds = new Map<LaneName, number>()
  const met = new Set<number>()
  for (const name of [...order.slice(first), ...order.slice(0, first)]) {
    const lane = lanes.get(name)!
    const start = performance.now()
    const count = await lane.run(round)
    seconds.set(name, (performance.now() - start) / 1000)
    if (count !== undefined) met.add(count)
  }
  if (met.size > 1) throw new Error(`the lanes met rules in ${[...met].join(' and ')} events of one round`)
  return { seconds, met: [...met][0] ?? 0 }
}

/** So few events that reading them takes no time worth measuring: held against the pace of the long rounds. */
async function naiveSamples(naive: NaiveLane, parse: readonly Sample[]): Promise<Sample[]> {
  const pace = median(parse.map((each) => each.parseSeconds / each.events))
  const runs = await naive.run()
  return runs.map((each) => ({ ...each, parseSeconds: pace * each.events }))
}

function resultOf(samples: readonly Sample[]) {
  return {
    events_per_s: Math.round(median(samples.map((each) => each.events / each.seconds)) * 10) / 10,
    mb_per_s: rounded(median(samples.map((each) => each.bytes / 1e6 / each.seconds))),
    ratio_to_parse: rounded(median(samples.map((each) => each.parseSeconds / each.seconds))),
    rounds: samples.length,
  }
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

function rounded(number: number): number {
  return Number(number.toPrecision(4))
}
