import type { Match } from '@weir/model'
import type { Change } from './change.ts'
import type { Journal } from './journal.ts'
import type { CorrelateLimits } from './limits.ts'
import type { Live } from './live.ts'
import type { Sightings } from './sightings.ts'
import type { Group } from './state.ts'

/** What decides for a correlation that is not of the growing manner; each has a file of its own. */
export interface Judge {
  /** What it keeps beside members. */
  readonly sightings?: Sightings
  /** A match of a rule that the correlation rests on. */
  add(match: Match, now: number): void
  /** What became of the episodes of one group that it rests on. */
  amend(base: Group, change: Change, now: number): void
  /** The watermark has passed something of a group; what is due and in no episode afterwards is forgotten. */
  judge(group: Group, now: number): void
  /** The watermark moved, and every group that it woke was judged. */
  forget(): void
}

/** What a judge asks of the correlator. */
export interface JudgePorts {
  readonly limits: CorrelateLimits
  readonly journal: Journal
  /** Keeps the episodes of one change to one group. */
  live(now: number): Live
  /** Tells further correlations what became of the episodes of a group. */
  propagate(group: Group, change: Change, now: number): void
}
