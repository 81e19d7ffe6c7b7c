import type { Place } from './faults.ts'

/** Where a link leads. */
export type Address =
  | { readonly node: 'cbs' }
  | { readonly node: 'management' }
  | { readonly node: 'hub'; readonly hub: string; readonly partition: string | undefined }
  | { readonly node: 'group'; readonly hub: string; readonly group: string; readonly partition: string }

const GROUP = /^([^/]+)\/consumergroups\/([^/]+)\/partitions\/([^/]+)$/i
const HUB = /^([^/]+)(?:\/partitions\/([^/]+))?$/i

/** Reads the address of an attach; `undefined` when it names nothing that an Event Hubs namespace has. */
export function readAddress(address: string | undefined): Address | undefined {
  if (address === undefined) return undefined
  if (address === '$cbs') return { node: 'cbs' }
  if (address === '$management') return { node: 'management' }
  const group = GROUP.exec(address)
  if (group !== null) return { node: 'group', hub: group[1]!, group: group[2]!, partition: group[3]! }
  const hub = HUB.exec(address)
  if (hub !== null) return { node: 'hub', hub: hub[1]!, partition: hub[2] }
  return undefined
}

/** Whether a token for `audience` (a URL) opens the address: it names it or something above it. */
export function audienceCovers(audience: string, address: string): boolean {
  const path = URL.canParse(audience) ? new URL(audience).pathname.slice(1) : audience
  const granted = decodeURIComponent(path).toLowerCase().replace(/\/$/, '')
  const wanted = address.toLowerCase()
  return granted === '' || wanted === granted || wanted.startsWith(`${granted}/`)
}

/** What an address concerns, for faults; nothing where it leads to no hub. */
export function placeOf(address: string | undefined): Place {
  const read = readAddress(address)
  if (read?.node === 'hub') return { hub: read.hub, partition: read.partition }
  if (read?.node === 'group') return { hub: read.hub, partition: read.partition, group: read.group }
  return {}
}
