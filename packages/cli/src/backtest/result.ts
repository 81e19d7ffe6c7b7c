import { type Change, changesOf } from './change.ts'
import type { Load } from './load.ts'
import type { RuleLoad, Trial } from './trial.ts'

/** Alerts and link bytes, altogether and by day. Bytes are those of the feed's lines, before compression. */
interface LoadResult {
  readonly alerts: number
  readonly alerts_per_day: number
  readonly busiest_day_alerts: { readonly day: string; readonly most: number } | null
  readonly revisions: number
  readonly bytes: number
  readonly bytes_per_day: number
  readonly busiest_day_bytes: { readonly day: string; readonly most: number } | null
  readonly by_day: Load['byDay']
}

export interface RuleResult extends LoadResult {
  readonly rule: string
  readonly severity: string
  readonly mode: 'live' | 'shadow'
  readonly examples: readonly string[]
}

/** What a backtest found; also its JSON. */
export interface BacktestResult {
  readonly from: string | null
  readonly to: string | null
  /** Days on which there were events. */
  readonly days: number
  readonly records: number
  readonly events: number
  readonly duplicates: number
  readonly quarantined: number
  readonly matches: number
  /** Evaluations that threw. */
  readonly errors: number
  /** What live rules ship. */
  readonly link: LoadResult & {
    /** Share that is left once pages are packed with zstd. */
    readonly packed_share: number | null
    readonly packed_bytes_per_day: number | null
    readonly budget: number | null
    readonly over_budget: boolean
  }
  /** Live rules, noisiest first: by bytes, then alerts. */
  readonly rules: readonly RuleResult[]
  /** Shadow rules, with what they would ship. */
  readonly shadow: readonly RuleResult[]
  readonly baseline: (LoadResult & { readonly changes: readonly Change[] }) | null
  /** False when more alerts came than are remembered to be compared. */
  readonly compared_all: boolean
}

/** @param budget link bytes of one day, before compression; the busiest day is held against it. */
export function resultOf(trial: Trial, baseline?: Trial, budget?: number): BacktestResult {
  const [from, to] = trial.days.ends
  const days = trial.days.count
  const live = loadOf(trial.live, days)
  const rules = trial.byRule.map((each) => ruleOf(each, days)).sort(byNoise)
  return {
    from: from ?? null,
    to: to ?? null,
    days,
    ...trial.counts,
    link: {
      ...live,
      packed_share: trial.packedShare ?? null,
      packed_bytes_per_day:
        trial.packedShare === undefined ? null : Math.round(live.bytes_per_day * trial.packedShare),
      budget: budget ?? null,
      over_budget: budget !== undefined && (live.busiest_day_bytes?.most ?? 0) > budget,
    },
    rules: rules.filter((rule) => rule.mode === 'live'),
    shadow: rules.filter((rule) => rule.mode === 'shadow'),
    baseline: baseline === undefined ? null : baselineOf(baseline, trial),
    compared_all: !trial.contents.full && baseline?.contents.full !== true,
  }
}

function baselineOf(baseline: Trial, trial: Trial): NonNullable<BacktestResult['baseline']> {
  return {
    ...loadOf(baseline.live, baseline.days.count),
    changes: changesOf(baseline.contents, trial.contents),
  }
}

function ruleOf({ rule, load, examples }: RuleLoad, days: number): RuleResult {
  const { id, severity, mode } = rule
  return { rule: id, severity, mode, ...loadOf(load, days), examples }
}

function loadOf(load: Load, days: number): LoadResult {
  const { alerts, revisions, bytes, byDay } = load
  const perDay = (count: number) => (days === 0 ? 0 : count / days)
  return {
    alerts,
    alerts_per_day: Number(perDay(alerts).toFixed(2)),
    busiest_day_alerts: load.busiest('alerts') ?? null,
    revisions,
    bytes,
    bytes_per_day: Math.round(perDay(bytes)),
    busiest_day_bytes: load.busiest('bytes') ?? null,
    by_day: byDay,
  }
}

function byNoise(a: RuleResult, b: RuleResult): number {
  return b.bytes - a.bytes || b.alerts - a.alerts || (a.rule < b.rule ? -1 : 1)
}
