import { randomUUID } from 'node:crypto'
import { O365StandIn } from '@weir/emulator'
import { O365_BOUNDS, o365Source } from '@weir/ingest'
import { sharedGraph } from './graph.ts'
import { deps, type Place, type Places } from './place.ts'

export async function o365Places(): Promise<Places> {
  const graph = await sharedGraph()
  const o365StandIn = await O365StandIn.start(randomUUID(), graph.server.tokens)
  let nextTime = Date.now() - 60_000
  return {
    async place(): Promise<Place> {
      o365StandIn.clear()
      const type = 'Audit.General'
      return {
        async write(lines) {
          for (let at = 0; at < lines.length; at += 20)
            o365StandIn.put(type, lines.slice(at, at + 20), nextTime++)
        },
        source(bytesInFlightMax = O365_BOUNDS.bytesInFlightMax) {
          const auth = { kind: 'entra', credential: 'managed-identity' } as const
          const { tenantId, server } = o365StandIn
          const what = { root: server.url, tenantId, contentTypes: [type] } as const
          // One at a time, because contents that are fetched side by side come in any order.
          const bounds = { ...O365_BOUNDS, pollMs: 20, parallelMax: 1, requestsPerSecondMax: 1_000 }
          return o365Source({ ...bounds, name: 'source', auth, ...what, bytesInFlightMax }, deps)
        },
      }
    },
    async close() {
      o365StandIn.stop()
    },
  }
}
