import type { Network } from './network.ts'

/** An alert as the SIEM stand-in kept it; its own reading of what came over the wire. */
export interface KeptAlert {
  readonly id: string
  readonly revision: number
  readonly rule: string
  readonly fields: Readonly<Record<string, unknown>>
  readonly labels: Readonly<Record<string, string>>
  readonly copies: number
  readonly severity: string
}

/** What was hidden in the traffic. */
export interface Planted {
  readonly id: string
  /** The rule that must find it. */
  readonly rule: string
  /** A user, address or object that the alert must name. */
  readonly entity: string
}

export interface Verdict {
  readonly planted: number
  readonly found: number
  /** Planted steps that no alert at the SIEM tells of. */
  readonly missed: readonly string[]
  /** Detection alerts at the SIEM that tell of nothing planted. */
  readonly unexpected: readonly string[]
  readonly detections: readonly KeptAlert[]
  readonly health: readonly KeptAlert[]
}

/** What the SIEM has, asked from the SIEM. */
export async function keptAlerts(network: Pick<Network, 'siem'>): Promise<KeptAlert[]> {
  const response = await fetch(`${network.siem.ready.control}/alerts`)
  return ((await response.json()) as { alerts: KeptAlert[] }).alerts
}

/** The rule whose alerts only time the way. */
export const CANARY_RULE = 'weir.canary'

/** Holds what the SIEM kept against what was hidden. */
export function judge(kept: readonly KeptAlert[], planted: readonly Planted[]): Verdict {
  const health = kept.filter((alert) => alert.labels['kind'] === 'health')
  // A canary that somebody planted tells of no attack.
  const detections = kept.filter((alert) => alert.labels['kind'] !== 'health' && alert.rule !== CANARY_RULE)
  const standing = detections.filter((alert) => alert.labels['status'] !== 'merged')
  const tells = (alert: KeptAlert, step: Planted): boolean =>
    alert.rule === step.rule && names(alert, step.entity)
  const missed = planted.filter((step) => !standing.some((alert) => tells(alert, step)))
  const unexpected = standing.filter((alert) => !planted.some((step) => tells(alert, step)))
  return {
    planted: planted.length,
    found: planted.length - missed.length,
    missed: missed.map((step) => step.id),
    unexpected: unexpected.map(
      (alert) => `${alert.rule} ${alert.labels['group'] ?? ''} ${String(alert.fields['msg'] ?? '')}`,
    ),
    detections,
    health,
  }
}

/** The entity stands somewhere in what the analyst is shown. */
function names(alert: KeptAlert, entity: string): boolean {
  const shown = JSON.stringify([alert.fields, alert.labels]).toLowerCase()
  return shown.includes(entity.toLowerCase())
}
