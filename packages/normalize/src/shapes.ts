import type { JsonObject, JsonValue } from '@weir/model'
import { aadGraphShape } from './shapes/aad-graph.ts'
import { aksAuditShape } from './shapes/aks-audit.ts'
import { enrichedAuditShape } from './shapes/enriched-audit.ts'
import { firewallShape } from './shapes/firewall.ts'
import { networkAccessShape } from './shapes/network-access.ts'

type Shape = (record: JsonObject) => JsonObject

/** Categories whose records are brought to the shape of their dataset. */
const NAMED: readonly (readonly [Shape, string])[] = [
  [aadGraphShape, 'AzureADGraphActivityLogs'],
  [networkAccessShape, 'NetworkAccessTrafficLogs'],
  [enrichedAuditShape, 'EnrichedOffice365AuditLogs'],
  [firewallShape, 'AzureFirewallApplicationRule AzureFirewallNetworkRule AzureFirewallDnsProxy'],
  [aksAuditShape, 'kube-audit kube-audit-admin'],
]

/** In the spelling of the service, and in lower case as some ways in write it. */
const SHAPES: ReadonlyMap<string, Shape> = new Map(
  NAMED.flatMap(([shape, names]) =>
    names.split(' ').flatMap((name) => [[name, shape] as const, [name.toLowerCase(), shape] as const]),
  ),
)

/** What a category's records need beyond the common envelope; `undefined` for nearly all. */
export function categoryShape(category: JsonValue | undefined): Shape | undefined {
  return typeof category === 'string' ? SHAPES.get(category) : undefined
}
