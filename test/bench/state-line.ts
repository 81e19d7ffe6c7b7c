import { randomUUID } from 'node:crypto'
import { chainAfter, chainStart, lineDigest } from '@weir/contract'
import { type Correlator, createCorrelator, loadRules, type RuleSet } from '@weir/engine'
import type { Commit, Episode, Match, Store } from '@weir/model'
import { DATASETS } from '@weir/normalize'
import { DEFAULTS, secretHash } from '@weir/pipeline'
import { openStore } from '@weir/store'
import { LATENESS_MS } from './state-traffic.ts'

/** Matches between two commits. */
export const ROUND = 2_000

/** One rule that counts by address over ten minutes. */
export function countingRule(gte: number): RuleSet {
  const rule = {
    id: 'burst',
    name: 'Burst',
    severity: 'low',
    dataset: ['azure.signinlogs'],
    conditions: { all: [{ fact: 'event.outcome', operator: 'equal', value: 'failure' }] },
    correlation: { type: 'event_count', 'group-by': ['source.ip'], timespan: '10m', condition: { gte } },
    event: { type: 'credential-access', params: {} },
  }
  return loadRules([{ path: 'burst.json', text: JSON.stringify(rule) }], DATASETS)
}

/** Correlator and store as they work together; `episodes` are as they were last committed, by id. */
export interface StateLine {
  readonly store: Store
  readonly correlator: Correlator
  readonly episodes: ReadonlyMap<string, Episode>
  commit(): Promise<void>
}

/** A line that goes on from what the file holds. */
export async function openLine(rules: RuleSet, path: string): Promise<StateLine> {
  const chain = { start: chainStart, next: chainAfter, digest: lineDigest }
  const store = openStore({ path, chain, random: randomUUID })
  const episodes = new Map<string, Episode>()
  const correlator = await correlatorFrom(store, rules)
  const commit = async (): Promise<void> => {
    const { members, forgotten, passed, episodes: changed } = correlator.take()
    for (const episode of changed) episodes.set(episode.id, episode)
    await store.commit({ ...NOTHING, members, forgotten, passed, episodes: changed })
  }
  return { store, correlator, episodes, commit }
}

export async function correlatorFrom(store: Store, rules: RuleSet): Promise<Correlator> {
  const { correlation } = await store.load()
  const { recall } = correlation
  const correlator = createCorrelator(rules, DEFAULTS.correlate, recall && { recall, hash: secretHash() })
  correlator.restore(correlation)
  return correlator
}

/** Matches by the round, with the watermark after it. */
export function* roundsOf(matches: Iterable<Match>): Generator<{ round: Match[]; watermark: number }> {
  let clock = Number.NEGATIVE_INFINITY
  let round: Match[] = []
  for (const match of matches) {
    clock = Math.max(clock, match.time)
    round.push(match)
    if (round.length < ROUND) continue
    yield { round, watermark: clock - LATENESS_MS }
    round = []
  }
  if (round.length > 0) yield { round, watermark: clock - LATENESS_MS }
}

const NOTHING: Omit<Commit, 'members' | 'forgotten' | 'passed' | 'episodes'> = {
  at: 0,
  cursors: [],
  clocks: [],
  books: [],
  quarantine: [],
  ruleCounts: [],
  alerts: [],
  evidence: [],
  rhythms: [],
  canaries: [],
  sightings: [],
}
