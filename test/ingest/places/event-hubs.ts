import { EVENT_HUBS_BOUNDS, eventHubsSource } from '@weir/ingest'
import { startEventHubs } from '../event-hubs.ts'
import { deps, type Place, type Places } from './place.ts'

const HUBS = Array.from({ length: 8 }, (_, n) => `hub${n}`)

export async function eventHubPlaces(): Promise<Places> {
  const hubs = await startEventHubs(HUBS.map((hub) => `${hub}:1`))
  let nextHub = 0
  return {
    async place(): Promise<Place> {
      const hub = HUBS[nextHub++]!
      return {
        write: (lines) => hubs.send(hub, '0', lines),
        source(bytesInFlightMax = EVENT_HUBS_BOUNDS.bytesInFlightMax) {
          const auth = { kind: 'emulator', connectionString: hubs.connectionString } as const
          const where = {
            hubs: [hub],
            consumerGroup: '$Default',
            transport: 'amqp',
            start: 'earliest',
          } as const
          const bounds = { ...EVENT_HUBS_BOUNDS, statusMs: 20, messageBytesMax: 1_000, bytesInFlightMax }
          return eventHubsSource({ ...bounds, name: 'source', auth, ...where }, deps)
        },
      }
    },
    async close() {
      await hubs.stop()
    },
  }
}
