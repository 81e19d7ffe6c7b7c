import { GraphStandIn } from '@weir/emulator'
import { GRAPH_BOUNDS, graphSource } from '@weir/ingest'
import { withIdentity } from '../identity.ts'
import { deps, type Place, type Places } from './place.ts'

let started: Promise<GraphStandIn> | undefined

/** One for the process: the SDK remembers a token that long, so who gave it and who takes it must last as well. */
export function sharedGraph(): Promise<GraphStandIn> {
  started ??= GraphStandIn.start().then((standIn) => {
    withIdentity(standIn.server)
    return standIn
  })
  return started
}

export async function graphPlaces(): Promise<Places> {
  const standIn = await sharedGraph()
  let nextTime = Date.now() - 60_000
  return {
    async place(): Promise<Place> {
      standIn.clear()
      const path = '/v1.0/auditLogs/directoryAudits'
      return {
        // A millisecond apart, because the service sorts by time.
        async write(lines) {
          for (const line of lines) standIn.put(path, line, nextTime++)
        },
        source(bytesInFlightMax = GRAPH_BOUNDS.bytesInFlightMax) {
          const auth = { kind: 'entra', credential: 'managed-identity' } as const
          const what = { root: standIn.server.url, streams: ['directoryAudits'], betaSignIns: [] } as const
          const bounds = { ...GRAPH_BOUNDS, pollMs: 20, pageRecords: 20, reportsPerSecondMax: 1_000 }
          return graphSource({ ...bounds, name: 'source', auth, ...what, bytesInFlightMax }, deps)
        },
      }
    },
    async close() {},
  }
}
