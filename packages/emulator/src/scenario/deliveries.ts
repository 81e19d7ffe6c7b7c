import { gzipSync } from 'node:zlib'
import type { BrokenMessage, Planned } from './planned.ts'
import { Random } from './random.ts'
import { spoil } from './spoil.ts'
import { type HubName, isHub, STREAMS, type StreamName } from './streams.ts'
import type { Tenant } from './tenant.ts'
import { hourFolder } from './times.ts'

interface Handed {
  /** Epoch milliseconds when it is handed over. */
  readonly at: number
  /** Records that a reader counts when it has read this: good, repeated and unreadable ones. */
  readonly records: number
  /** Decompressed. */
  readonly rawBytes: number
}

/** What a service hands over at once: a message, lines for an append blob, or a block of flow records. */
export type Delivery =
  | (Handed & { readonly kind: 'hub'; readonly hub: HubName; readonly body: Buffer })
  | (Handed & {
      readonly kind: 'append'
      readonly container: string
      readonly blob: string
      readonly bytes: Buffer
    })
  /** `block` holds the records with commas between them, and none before or behind. */
  | (Handed & {
      readonly kind: 'flow'
      readonly container: string
      readonly blob: string
      readonly block: Buffer
    })

/** A message is closed before it grows beyond this. */
const MESSAGE_BYTES_MAX = 250_000
const RECORDS_A_MESSAGE = { least: 50, most: 200 }

/** Everything that is planned, written as late as possible, in the order in which it is handed over. */
export function* deliveriesOf(
  tenant: Tenant,
  seed: number,
  planned: readonly Planned[],
  broken: readonly BrokenMessage[],
): Iterable<Delivery> {
  const lanes = Map.groupBy(planned, ({ stream, lane }) => `${stream} ${lane}`)
  const sources = [...lanes.values()].map((lane, n) => handOver(tenant, new Random(seed + n), lane))
  yield* merged([...sources, brokenDeliveries(broken)])
}

/** Takes the earliest of all heads, again and again. */
function* merged(sources: readonly Iterator<Delivery>[]): Iterable<Delivery> {
  const heads = sources.map((source) => ({ source, next: source.next() }))
  for (;;) {
    let earliest: (typeof heads)[number] | undefined
    for (const head of heads) {
      if (head.next.done === true) continue
      if (earliest === undefined || head.next.value.at < earliest.next.value.at) earliest = head
    }
    if (earliest === undefined) return
    yield earliest.next.value
    earliest.next = earliest.source.next()
  }
}

function* brokenDeliveries(broken: readonly BrokenMessage[]): Generator<Delivery> {
  for (const { stream, arrival, body } of broken.toSorted((a, b) => a.arrival - b.arrival)) {
    if (isHub(stream))
      yield { kind: 'hub', at: arrival, hub: stream, body, records: 1, rawBytes: body.length }
  }
}

/** Records of one lane that go together. */
class Parcel {
  readonly texts: string[] = []
  readonly opened: number
  readonly recordsMax: number
  closed: number
  bytes = 0

  constructor(opened: number, recordsMax: number) {
    this.opened = opened
    this.closed = opened
    this.recordsMax = recordsMax
  }

  add(text: string, bytes: number, at: number): void {
    this.texts.push(text)
    this.bytes += bytes + 1
    this.closed = at
  }

  takes(bytes: number, at: number, openMsMax: number): boolean {
    if (this.texts.length >= this.recordsMax || this.bytes + bytes > MESSAGE_BYTES_MAX) return false
    return at - this.opened < openMsMax && hourFolder(at) === hourFolder(this.opened)
  }
}

function* handOver(tenant: Tenant, random: Random, lane: readonly Planned[]): Generator<Delivery> {
  const sorted = lane.toSorted((a, b) => a.arrival - b.arrival)
  const open = (at: number): Parcel =>
    new Parcel(at, random.between(RECORDS_A_MESSAGE.least, RECORDS_A_MESSAGE.most))
  let parcel: Parcel | undefined
  for (const each of sorted) {
    const text = textOf(each)
    const bytes = Buffer.byteLength(text)
    if (parcel?.takes(bytes, each.arrival, STREAMS[each.stream].openMsMax) === false) {
      yield* sent(tenant, random, each, parcel)
      parcel = undefined
    }
    parcel ??= open(each.arrival)
    parcel.add(text, bytes, each.arrival)
  }
  if (parcel !== undefined) yield* sent(tenant, random, sorted[0]!, parcel)
}

function textOf({ write, seed, spoiled }: Planned): string {
  const json = JSON.stringify(write(new Random(seed)))
  return spoiled === undefined ? json : spoil(json, spoiled)
}

function sent(tenant: Tenant, random: Random, { stream, lane }: Planned, parcel: Parcel): Delivery[] {
  if (isHub(stream)) return [hubDelivery(stream, random, parcel)]
  if (stream === 'vnet' || stream === 'nsg') return [flowDelivery(tenant, stream, lane, parcel)]
  return appendDeliveries(tenant, random, stream, parcel)
}

/** CloudTrail comes from its bucket, at times still compressed; the unified audit as the list its API gives. */
function hubDelivery(hub: HubName, random: Random, { texts, closed }: Parcel): Delivery {
  const list = texts.join(',')
  const text = hub === 'o365' ? `[${list}]` : `{"${hub === 'aws' ? 'Records' : 'records'}":[${list}]}`
  const plain = Buffer.from(text)
  const body = hub === 'aws' && random.chance(0.25) ? gzipSync(plain) : plain
  return { kind: 'hub', at: closed, hub, body, records: texts.length, rawBytes: plain.length }
}

const FLOW_CONTAINERS = {
  vnet: 'insights-logs-flowlogflowevent',
  nsg: 'insights-logs-networksecuritygroupflowevent',
}

function flowDelivery(
  tenant: Tenant,
  stream: 'vnet' | 'nsg',
  mac: string,
  { texts, opened, closed }: Parcel,
): Delivery {
  const { flowLogId } = tenant.vnet
  const folder =
    stream === 'vnet'
      ? `flowLogResourceID=/${flowLogId.split('/')[2]}_NETWORKWATCHERRG/NETWORKWATCHER_WESTEUROPE_${flowLogId.split('/').at(-1)}`
      : `resourceId=${tenant.nsg.resourceId}`
  const block = Buffer.from(texts.join(','))
  return {
    kind: 'flow',
    at: closed,
    container: FLOW_CONTAINERS[stream],
    blob: `${folder}/${hourFolder(opened)}/macAddress=${mac}/PT1H.json`,
    block,
    records: texts.length,
    rawBytes: block.length,
  }
}

/** Now and then an append ends in the middle of a line, and the rest of it comes with the next. */
const HALF_APPEND_SHARE = 0.05

function appendDeliveries(
  tenant: Tenant,
  random: Random,
  stream: Exclude<StreamName, HubName | 'vnet' | 'nsg'>,
  { texts, opened, closed }: Parcel,
): Delivery[] {
  const { vaults, storage } = tenant
  const { resourceId } = stream === 'insights-logs-auditevent' ? vaults.blob : storage.blob
  const blob = `resourceId=${resourceId}/${hourFolder(opened)}/PT1H.json`
  const bytes = Buffer.from(`${texts.join('\n')}\n`)
  const base = { kind: 'append', at: closed, container: stream, blob } as const
  const records = texts.length
  if (!random.chance(HALF_APPEND_SHARE)) return [{ ...base, bytes, records, rawBytes: bytes.length }]
  const cut = random.between(1, bytes.length - 2)
  const [one, other] = [bytes.subarray(0, cut), bytes.subarray(cut)]
  return [
    { ...base, bytes: one, records: 0, rawBytes: one.length },
    { ...base, bytes: other, records, rawBytes: other.length },
  ]
}
