import {
  BLIND_LIMITS,
  type BlindLimits,
  CORRELATE_LIMITS,
  type CorrelateLimits,
  type RuleSet,
} from '@weir/engine'
import type { Dataset } from '@weir/model'

/** What an operator may set of the line; every bound has a default in `DEFAULTS`. */
export interface LineSettings {
  /** How far an event's time may lie after its arrival before its arrival counts for the clocks instead. */
  readonly skewMs: number
  /** False in a replay, where no service says when a record arrived: then nothing counts as late. */
  readonly arrivalKnown: boolean
  /** Lateness by dataset, in place of the dataset's own. */
  readonly latenessMs: Readonly<Record<string, number>>
  /** Records remembered to drop repeats early; beyond it the oldest are forgotten, and identity decides at a match. */
  readonly repeatsRecordsMax: number
  /** Records kept as evidence per group before it alerts; beyond it only those that an alert lists are kept. */
  readonly evidenceRecordsMax: number
  readonly correlate: CorrelateLimits
  /** When a rule whose fields never occur is called blind. */
  readonly blind: BlindLimits
  /** Filters of the operator's, as `loadFilters` reads them: what meets one is dropped, and counted under its name. */
  readonly drop: RuleSet
  /** Shown as `observer.version`. */
  readonly version: string
}

export const DEFAULTS: Omit<LineSettings, 'version'> = {
  skewMs: 5 * 60_000,
  arrivalKnown: true,
  latenessMs: {},
  repeatsRecordsMax: 1_000_000,
  evidenceRecordsMax: 10,
  correlate: { ...CORRELATE_LIMITS, eventsListedMax: 10 },
  blind: BLIND_LIMITS,
  drop: { rules: [], byId: new Map(), problems: [], hash: '' },
}

export function latenessOf(settings: LineSettings, dataset: Dataset): number {
  return settings.latenessMs[dataset.name] ?? dataset.latenessMs
}
