import type {
  CorrelationDelta,
  CorrelationState,
  Episode,
  Finding,
  Match,
  Recall,
  StoredMember,
  StoredSightings,
} from '@weir/model'
import type { CorrelateLimits } from '../src/correlate/limits.ts'
import { CORRELATE_LIMITS } from '../src/correlate/limits.ts'
import { type Account, nameOf } from '../src/oracle/oracle.ts'
import type { RuleSet } from '../src/rule/load.ts'
import type { Bounds, Correlation, Rule } from '../src/rule/rule.ts'

export const LIMITS: CorrelateLimits = CORRELATE_LIMITS

export interface RuleWords {
  readonly type?: Correlation['type']
  /** Rules whose matches it correlates; its own when left out. */
  readonly over?: readonly string[]
  readonly by?: readonly string[]
  readonly span?: number
  readonly gte?: number
  /** In place of `gte`. */
  readonly bounds?: Bounds
  readonly field?: string | readonly string[]
  readonly percentile?: number
  readonly learn?: number
  readonly aliases?: Correlation['aliases']
  readonly join?: number
  readonly alert?: boolean
  readonly hash?: string
}

/** A rule as the loader would give it; a correlation when it has a type. */
export function rule(id: string, words: RuleWords = {}): Rule {
  const over = words.over ?? [id]
  const temporal = words.type?.startsWith('temporal') === true
  const { gte = over.length, field, percentile } = words
  const correlation: Correlation | undefined = words.type && {
    type: words.type,
    rules: over,
    groupBy: words.by ?? [],
    timespanMs: words.span ?? 10,
    condition: {
      ...(words.bounds ?? { gte: temporal ? Math.min(gte, over.length) : gte }),
      ...(field !== undefined && { field }),
      ...(percentile !== undefined && { percentile }),
    },
    ...(words.learn !== undefined && { learnMs: words.learn }),
    aliases: words.aliases ?? {},
  }
  return {
    id,
    name: id,
    severity: 'medium',
    attack: [],
    tags: [],
    datasets: new Set(['test']),
    ...(correlation && { correlation }),
    ...(words.join !== undefined && { suppress: { forMs: words.join } }),
    alert: words.alert ?? true,
    mode: 'live',
    event: { type: 'test', params: {} },
    falsePositives: [],
    references: [],
    hash: words.hash ?? `hash of ${id}`,
    fields: [],
    file: `${id}.json`,
  }
}

export function ruleSet(...rules: readonly Rule[]): RuleSet {
  return { rules, byId: new Map(rules.map((each) => [each.id, each])), problems: [], hash: 'set' }
}

export interface MatchWords {
  readonly id?: string
  readonly subject?: string
  readonly fields?: Match['fields']
}

/** A hash good enough for tests: each unit moves every bit above it. */
export function hashOf(text: string): number {
  let hash = 7
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x9e3779b1)
  return hash ^ (hash >>> 15)
}

/** Two values for all texts, so that every other identity looks like a repeat. */
export function weakHashOf(text: string): number {
  return hashOf(text) & 1
}

let unnamed = 0

export function match(ruleId: string, time: number, words: MatchWords = {}): Match {
  const identity = words.id ?? `event ${unnamed++}`
  return {
    rule: ruleId,
    ruleHash: `hash of ${ruleId}`,
    identity,
    subject: words.subject ?? identity,
    eventId: identity,
    dataset: 'test',
    time,
    lateMs: 0,
    position: { source: 'test', partition: '0', at: String(time), index: 0 },
    fields: words.fields ?? {},
  }
}

/** A small store: folds deltas as a database would, and gives back what one would load. */
export class TestStore {
  readonly members = new Map<string, StoredMember>()
  readonly episodes = new Map<string, Episode>()
  readonly sightings = new Map<string, StoredSightings>()
  /** Last revision by id. */
  readonly alerts = new Map<string, Finding>()
  readonly shipped: Finding[] = []
  readonly skipped: CorrelationDelta['skipped'][number][] = []

  commit(delta: CorrelationDelta): void {
    for (const member of delta.members) this.members.set(keyOf(member), member)
    for (const member of delta.forgotten) this.members.delete(keyOf(member))
    for (const sightings of delta.sightings) this.#keep(sightings)
    for (const { ruleHash, groupKey, before } of delta.passed)
      for (const member of this.#loose(ruleHash, groupKey))
        if (member.match.time < before) this.members.delete(keyOf(member))
    for (const episode of delta.episodes) this.episodes.set(episode.id, episode)
    for (const finding of delta.findings) {
      if ((this.alerts.get(finding.id)?.revision ?? 0) < finding.revision)
        this.alerts.set(finding.id, finding)
      this.shipped.push(finding)
    }
    this.skipped.push(...delta.skipped)
  }

  load(): CorrelationState {
    const open = [...this.episodes.values()].filter((episode) => episode.status === 'open')
    const ids = new Set(open.map((episode) => episode.id))
    const members = [...this.members.values()].filter(
      (member) => member.episode === undefined || ids.has(member.episode),
    )
    const kept = members.map(({ match, ...rest }) => ({
      ...rest,
      match,
      identity: match.identity,
      baseRule: match.rule,
      time: match.time,
    }))
    return structuredClone({ members: kept, episodes: open, sightings: [...this.sightings.values()] })
  }

  #keep(sightings: StoredSightings): void {
    const key = JSON.stringify([sightings.ruleHash, sightings.groupKey, sightings.term])
    if (sightings.runs.length === 0) this.sightings.delete(key)
    else this.sightings.set(key, sightings)
  }

  /** What stands at the end, as the oracle tells it: episodes that were not merged, and alerts without correlation. */
  accounts(): Account[] {
    const singles = [...this.alerts.values()].filter((finding) => !this.episodes.has(finding.id))
    const episodes = [...this.episodes.values()].filter((episode) => episode.status !== 'merged')
    return [
      ...singles.map(({ rule: id, members }) => ({
        rule: id,
        group: '[]',
        events: members.map((member) => member.identity),
      })),
      ...episodes.map((episode) => this.#accountOf(episode)),
    ]
  }

  /** What a correlator asks of a store while it runs. */
  recall: Recall = (ruleHash, groupKey) => structuredClone(this.#loose(ruleHash, groupKey))

  #loose(ruleHash: string, groupKey: string): readonly StoredMember[] {
    return [...this.members.values()].filter(
      (each) => each.ruleHash === ruleHash && each.groupKey === groupKey && each.episode === undefined,
    )
  }

  #accountOf(episode: Episode): Account {
    const events = new Set<string>()
    for (const member of this.members.values())
      if (member.episode === episode.id) events.add(this.#eventOf(member.match.identity))
    return { rule: episode.correlation, group: episode.groupKey, events: [...events].sort() }
  }

  /** A chain's member is an alert; it stands as what that alert has become. */
  #eventOf(identity: string): string {
    const episode = this.episodes.get(identity)
    if (episode === undefined) return identity
    if (episode.mergedInto !== undefined) return this.#eventOf(episode.mergedInto)
    return nameOf(this.#accountOf(episode))
  }
}

function keyOf(member: StoredMember): string {
  return JSON.stringify([
    member.ruleHash,
    member.groupKey,
    member.match.identity,
    member.value,
    member.match.rule,
  ])
}

export function names(accounts: readonly Account[]): string[] {
  return accounts.map(nameOf).sort()
}
