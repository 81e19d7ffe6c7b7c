import type { Match } from './match.ts'

/**
 * A rule satisfied for a group: a snapshot of one episode, or of one match of a rule without correlation.
 * A higher revision replaces a lower one whole.
 */
export interface Finding {
  readonly rule: string
  readonly ruleHash: string
  /** The alert's id: minted at the first satisfaction, kept with the episode. */
  readonly id: string
  readonly revision: number
  /** Group-by fields and their values, in the rule's order; empty without group-by. */
  readonly group: Readonly<Record<string, unknown>>
  /** Event time of the first and the last member, epoch milliseconds. */
  readonly first: number
  readonly last: number
  /** Distinct members. */
  readonly count: number
  /** Distinct values of what a value_count counts, or terms of new_terms; the count of subjects for the others. */
  readonly distinct: number
  /** Sum, average or percentile over the members, where the correlation asks for one. */
  readonly value?: number
  /** First and last members up to a bound, by time. */
  readonly members: readonly Match[]
  readonly status: FindingStatus
  /** The id of the alert to look at instead, when `status` is `merged` and there is one. */
  readonly mergedInto?: string
}

/**
 * `open`: may still grow. `closed`: the watermark has passed it. `merged`: now part of another alert, or untrue after
 * all, because an earlier sighting of a term came late.
 */
export type FindingStatus = 'open' | 'closed' | 'merged'

/** A match that belongs to the state of a correlation, and the episode it is in, if any. */
export interface Member {
  /** Rule whose correlation keeps it (not the base rule that matched). */
  readonly correlation: string
  readonly ruleHash: string
  readonly groupKey: string
  /** What the correlation counts of it: subject, value, or base rule id. */
  readonly value: string
  readonly match: Match
}

/** An episode as it is stored: enough, with its members, to go on after a restart. */
export interface Episode {
  readonly id: string
  readonly correlation: string
  readonly ruleHash: string
  readonly groupKey: string
  readonly group: Readonly<Record<string, unknown>>
  readonly first: number
  readonly last: number
  /** Members now, and members when the last revision went out. */
  readonly count: number
  readonly countShipped: number
  readonly revision: number
  readonly status: FindingStatus
  readonly mergedInto?: string
  /** Time of first satisfaction (event time): what a further correlation sees. */
  readonly satisfiedAt: number
}

/** Everything correlation needs to go on: the members still within reach and the episodes still open. */
export interface CorrelationState {
  /** Read one by one, from the store as it stands then. */
  readonly members: Iterable<KeptMember>
  readonly episodes: readonly Episode[]
  readonly sightings: readonly StoredSightings[]
  /** Left out where nothing is kept outside of memory, as in a replay: then memory keeps all. */
  readonly recall?: Recall
}

/** The members of a group that are in no episode, as they were last committed; `ruleHash` is the correlation's. */
export type Recall = (ruleHash: string, groupKey: string) => readonly StoredMember[]

/** When a term was seen in a group, as runs in which no two sightings are farther apart than the timespan. */
export interface StoredSightings {
  readonly correlation: string
  readonly ruleHash: string
  /** Empty for what concerns the rule as a whole. */
  readonly groupKey: string
  readonly term: string
  /** First and last time of each run, by time, epoch milliseconds; none when it is to be forgotten. */
  readonly runs: readonly number[]
}

/** A member that a store gives back: what it is known by stands beside its match, which may be costly to read. */
export interface KeptMember extends StoredMember {
  readonly identity: string
  /** The rule that matched. */
  readonly baseRule: string
  /** Event time, epoch milliseconds. */
  readonly time: number
}

export interface StoredMember extends Member {
  /** The episode that it belongs to; absent while it is in none. */
  readonly episode?: string
}

/** What a batch changed in correlation, to be committed with it. */
export interface CorrelationDelta {
  /** Members kept anew, or whose episode changed; (ruleHash, groupKey, match.identity, value, match.rule) is their key. */
  readonly members: readonly StoredMember[]
  /** Members of no episode that no window can reach any more. */
  readonly forgotten: readonly StoredMember[]
  /** Groups whose members in no episode are out of reach up to a time; they are not listed one by one. */
  readonly passed: readonly PassedGroup[]
  readonly episodes: readonly Episode[]
  /** Terms whose runs changed; (ruleHash, groupKey, term) is their key. */
  readonly sightings: readonly StoredSightings[]
  /** Snapshots to ship, in order. */
  readonly findings: readonly Finding[]
  /** Matches not correlated, by rule and reason. */
  readonly skipped: readonly { readonly rule: string; readonly reason: SkipReason }[]
}

/** The members of a group that are in no episode and earlier than `before` (epoch milliseconds) are forgotten. */
export interface PassedGroup {
  readonly ruleHash: string
  readonly groupKey: string
  readonly before: number
}

/** Why a match was not correlated: it lacks a group or value field, came behind the watermark, or met a bound. */
export type SkipReason =
  | 'no-group'
  | 'no-value'
  | 'behind-watermark'
  | 'members-bound'
  | 'groups-bound'
  | 'terms-bound'
