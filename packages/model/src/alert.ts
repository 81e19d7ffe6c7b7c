import type { JsonObject } from './json.ts'
import type { Position } from './position.ts'

export type Severity = 'informational' | 'low' | 'medium' | 'high' | 'critical'

/** Lowest first. */
export const SEVERITIES: readonly Severity[] = ['informational', 'low', 'medium', 'high', 'critical']

export type AlertKind = 'detection' | 'health'

export type Lane = 'urgent' | 'bulk'

export const LANES: readonly Lane[] = ['urgent', 'bulk']

/** Critical, high and health go first. */
export function laneOf(kind: AlertKind, severity: Severity): Lane {
  return kind === 'health' || severity === 'critical' || severity === 'high' ? 'urgent' : 'bulk'
}

/** One event behind an alert, and where to fetch it again. */
export interface AlertEvent {
  readonly id: string
  readonly dataset: string
  readonly time: string
  readonly position: Position
}

/** What ECS has no field for. */
export interface WeirAlert {
  readonly id: string
  readonly revision: number
  readonly kind: AlertKind
  readonly status: 'open' | 'closed' | 'merged'
  readonly severity: Severity
  /** Members, all of them. */
  readonly count: number
  /** ISO 8601, UTC, event time of the first and last member. */
  readonly first: string
  readonly last: string
  readonly group: JsonObject
  /** First and last members up to a bound; the rest is reached by the alert's id. */
  readonly events: readonly AlertEvent[]
  /** Greatest lateness among the members shown. */
  readonly late_by_ms: number
  readonly merged_into?: string
}

/** What the analyst sees: an ECS document, one object per revision. `@timestamp` is the last member's time. */
export interface Alert {
  readonly '@timestamp': string
  readonly ecs: { readonly version: string }
  readonly message: string
  readonly event: {
    readonly kind: 'alert'
    readonly id: string
    readonly dataset: string
    readonly module: 'weir'
    readonly provider: string
    readonly severity: number
    readonly category?: readonly string[]
    readonly type?: readonly string[]
    readonly action?: string
    readonly outcome?: string
    readonly created: string
    readonly start: string
    readonly end: string
  }
  readonly rule: {
    readonly id: string
    readonly name: string
    readonly description?: string
    readonly reference?: string
    readonly category?: string
    readonly version?: string
  }
  readonly threat?: JsonObject
  readonly related?: JsonObject
  readonly source?: JsonObject
  readonly destination?: JsonObject
  readonly user?: JsonObject
  readonly cloud?: JsonObject
  readonly user_agent?: JsonObject
  readonly tags?: readonly string[]
  readonly observer: { readonly vendor: 'Weir'; readonly product: 'Weir'; readonly version: string }
  readonly weir: { readonly alert: WeirAlert; readonly remedy?: string }
}
