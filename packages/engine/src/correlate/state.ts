import type { Finding, FindingStatus, Match } from '@weir/model'
import type { Rule } from '../rule/rule.ts'
import type { Manner } from './manner.ts'
import type { PackedTable } from './packed-table.ts'
import type { Wakes } from './wakes.ts'

/** One correlation and the state of its groups. */
export interface Table {
  readonly rule: Rule
  readonly correlation: NonNullable<Rule['correlation']>
  readonly manner: Manner
  /** Distinct values that satisfy a growing window; unused by temporal_ordered. */
  readonly threshold: number
  /** temporal_ordered: the rules to be met in order; any one of these will do. */
  readonly sequences: readonly (readonly string[])[]
  readonly timespanMs: number
  /**
   * Gap across which episodes join; 0 is the same as none. A tumbling window ends a millisecond before the next
   * begins, and its gaps are longer by that.
   */
  readonly joinMs: number
  /** Correlations over this one's episodes. */
  readonly consumers: Table[]
  /** Groups that are held whole: all of them, or those that alert or may be about to. */
  readonly groups: Map<string, Group>
  /** Members of these groups. */
  members: number
  /** The other groups, where there are such. */
  readonly packed: PackedTable | undefined
  readonly wakes: Wakes<Group>
  watermark: number
  /** What waits for the watermark before it is judged; its groups have keys of their own. */
  readonly aside: Table | undefined
}

/** A match that a group holds. */
export interface Held {
  readonly group: Group
  readonly match: Match
  readonly time: number
  /** What the correlation counts of it. */
  readonly value: string
  /** First of its identity in the group: the one that counts as a member. */
  counted: boolean
  episode: OpenEpisode | undefined
  /** A store may know it: it was in a delta. */
  stored: boolean
  /** temporal_ordered: latest starts of the chains that end by here, by sequence; see ordered.ts. */
  starts: readonly (readonly number[])[] | undefined
}

/** A connected run of satisfied windows: every match of the group from `first` to `last`. */
export interface Core {
  first: number
  last: number
  /** Least right end of its satisfied windows. */
  satisfiedAt: number
  episode: OpenEpisode
  /** Begins where an episode was cut for its length, so nothing joins it to what lies before. */
  readonly cut: boolean
}

export interface Group {
  readonly table: Table
  readonly key: string
  readonly values: Readonly<Record<string, unknown>>
  /** By time, then identity, then rule. */
  held: Held[]
  /** By identity, once there are many; several rules may hold one identity. */
  known: Map<string, Held[]> | undefined
  /** By time; they never overlap. */
  cores: Core[]
  tail: DistinctTail | undefined
  /** Watermark beyond which something of the group is over. */
  wakeAt: number
}

/**
 * event_count, value_count and temporal are one question: are there enough distinct values (subjects, values of a
 * field, rules) in the window? The window that ends at the last member is kept and slides as members come in order.
 */
export interface DistinctTail {
  /** Index of the first member inside. */
  left: number
  readonly counts: Map<string, number>
}

/** An episode at work: one alert that grows. */
export interface OpenEpisode {
  readonly group: Group
  readonly id: string
  /** Order of first commits: of two that join, the lower one survives. */
  readonly order: number
  first: number
  last: number
  satisfiedAt: number
  /** Distinct identities. */
  count: number
  countShipped: number
  revision: number
  status: FindingStatus
  mergedInto: string | undefined
  /** Wall clock of the last growth; undefined after a restart until the clock is first seen. */
  grewAt: number | undefined
  /** A store may know it: it was in a delta. */
  stored: boolean
  /** What it looked like when it ended. */
  final: Snapshot | undefined
}

/** What a finding tells of the members. */
export type Snapshot = Pick<Finding, 'first' | 'last' | 'count' | 'distinct' | 'value' | 'members'>
