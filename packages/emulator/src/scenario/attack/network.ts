import { type Flow, vnetRecord } from '../records/flow.ts'
import { MINUTE_MS } from '../times.ts'
import type { Deed, Plot, Step } from './plot.ts'

/** One source knocks at fifty ports of one host and is let in nowhere. */
export const NETWORK_STEPS: readonly Step[] = [
  {
    id: 'port-scan',
    rule: 'network.port-scan-denied',
    dataset: 'azure.vnetflow',
    entity: ({ scanIp }) => scanIp,
    act: scan,
  },
]

const PORTS_SCANNED = 50
/** The flows of one minute stand in one record. */
const RECORDS = 2

function scan({ tenant, random, scanIp }: Plot, start: number): readonly Deed[] {
  const nic = tenant.vnet.nics[1]!
  const knocks = Array.from(
    { length: PORTS_SCANNED },
    (_, n): Flow => ({
      source: scanIp,
      destination: nic.ip,
      sourcePort: random.between(40_000, 60_000),
      destinationPort: 20 + n * 17,
      inbound: true,
      denied: true,
    }),
  )
  const share = PORTS_SCANNED / RECORDS
  return Array.from({ length: RECORDS }, (_, n) => {
    const time = start + n * MINUTE_MS
    const flows = knocks.slice(n * share, (n + 1) * share)
    return {
      stream: 'vnet',
      lane: nic.mac,
      time,
      eventIds: flows.map((flow) =>
        [flow.source, flow.destination, flow.sourcePort, flow.destinationPort].join(','),
      ),
      write: (own) => vnetRecord(tenant, own, time, nic, flows),
    }
  })
}
