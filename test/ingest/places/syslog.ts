import { SYSLOG_BOUNDS, syslogSource } from '@weir/ingest'
import type { EventSource } from '@weir/model'
import { aborted, systemClock } from '@weir/runtime'
import { freePort, sendInOrder } from '../syslog-sender.ts'
import { deps, type Place, type Places } from './place.ts'

const STATUS_MS = 19

/** Nobody can be asked for a message again, so the one source itself keeps what is not committed. */
export async function syslogPlaces(): Promise<Places> {
  return {
    async place(): Promise<Place> {
      const port = await freePort()
      let sent: Promise<unknown> = Promise.resolve()
      let source: EventSource | undefined
      // A listener is caught up whenever nothing comes: it is asked once the sender is done.
      const status = async (ms: number, signal?: AbortSignal): Promise<void> => {
        if (ms === STATUS_MS) await Promise.race([sent, aborted(signal ?? new AbortController().signal)])
        await systemClock.sleep(ms, signal)
      }
      return {
        takenMax: 2 * 64 * 1024,
        write: async (lines) => {
          const text = lines.map((line) => `${line}\n`).join('')
          sent = sendInOrder(port, text)
        },
        source(bytesInFlightMax = SYSLOG_BOUNDS.bytesInFlightMax) {
          const listener = {
            name: 'tcp',
            transport: 'tcp',
            framing: 'auto',
            host: '127.0.0.1',
            port,
          } as const
          const bounds = { ...SYSLOG_BOUNDS, statusMs: STATUS_MS, drainMs: 20, bytesInFlightMax }
          const config = {
            ...bounds,
            name: 'source',
            listeners: [{ ...listener, format: 'json', zone: 'UTC' }],
          } as const
          source ??= syslogSource(config, { ...deps, clock: { ...systemClock, sleep: status } })
          return source
        },
      }
    },
    async close() {},
  }
}
