import type { AlertV1, Client } from '@weir/contract'
import { CANARY_RULE, type KeptAlert } from './judge.ts'

/** What the aggregator has, held against what the SIEM has. */
export interface Comparison {
  /** Distinct detection alerts that the aggregator has, and those of which the SIEM has the last revision. */
  readonly alerts: number
  readonly delivered: number
  /** (rule, group, events) of every standing alert that the SIEM knows, sorted: what two runs are compared by. */
  readonly same: readonly string[]
}

/** Asks the aggregator for every detection alert with its members. */
export async function compareAlerts(client: Client, kept: readonly KeptAlert[]): Promise<Comparison> {
  const bySiem = new Map(kept.map((alert) => [alert.id, alert]))
  let delivered = 0
  const alerts = await detections(client)
  const same: string[] = []
  for (const alert of alerts) {
    const { id, revision, status, group } = alert.weir.alert
    if (bySiem.get(id)?.revision === revision) delivered += 1
    if (status === 'merged' || !bySiem.has(id)) continue
    same.push(`${alert.rule.id} ${JSON.stringify(group)} ${(await eventsOf(client, id)).join(' ')}`)
  }
  return { alerts: alerts.length, delivered, same: same.sort() }
}

async function detections(client: Client): Promise<AlertV1[]> {
  const all: AlertV1[] = []
  for await (const page of client.alerts({ kind: 'detection', limit: 1000 })) all.push(...page.items)
  return all.filter(({ rule }) => rule.id !== CANARY_RULE)
}

/** Every member of an alert, once each. */
async function eventsOf(client: Client, id: string): Promise<string[]> {
  const events = new Set<string>()
  for await (const line of client.evidence(id)) events.add(`${line.dataset}/${line.eventId}`)
  return [...events].sort()
}
