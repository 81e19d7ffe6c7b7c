import { readFileSync } from 'node:fs'
import { type Delivery, feed, type Network, settle } from '@weir/emulator'
import { systemClock } from '@weir/runtime'

/** Records that come together; each is the JSON text of one. */
export type Piece = readonly string[]

/** A message is closed before it grows beyond this. */
const MESSAGE_BYTES_MAX = 200_000

/** The records of files, in their order, in so many pieces: what a service would hand over one after another. */
export function piecesOf(files: readonly string[], count: number): readonly Piece[] {
  const records = files.flatMap((file) => recordsIn(readFileSync(file, 'utf8')))
  const size = Math.ceil(records.length / count)
  return Array.from({ length: count }, (_, n) => records.slice(n * size, (n + 1) * size)).filter(
    (piece) => piece.length > 0,
  )
}

/** Lines, one document, a list of them, or CloudTrail's `Records`. */
function recordsIn(text: string): string[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const values = whole(text) ?? lines.map((line) => JSON.parse(line) as unknown)
  return values.flatMap(within).map((record) => JSON.stringify(record))
}

function whole(text: string): unknown[] | undefined {
  try {
    return [JSON.parse(text)]
  } catch {
    return undefined
  }
}

function within(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  const records = (value as { Records?: unknown }).Records
  return Array.isArray(records) ? records : [value]
}

/** Hands the pieces to a hub, each when every alert of those before it was acknowledged. */
export async function feedPieces(network: Network, pieces: readonly Piece[]): Promise<void> {
  let records = 0
  for (const piece of pieces) {
    await feed({
      deliveries: deliveriesOf(piece),
      eventHubs: network.producer.hubConnection,
      blobs: network.producer.blobConnection,
      clock: systemClock,
      speed: 'full',
      signal: new AbortController().signal,
    })
    records += piece.length
    await settle(network, records, systemClock)
  }
}

function* deliveriesOf(piece: Piece): Generator<Delivery> {
  let message: string[] = []
  let bytes = 0
  for (const record of piece) {
    if (bytes + record.length > MESSAGE_BYTES_MAX && message.length > 0) {
      yield deliveryOf(message)
      message = []
      bytes = 0
    }
    message.push(record)
    bytes += Buffer.byteLength(record)
  }
  yield deliveryOf(message)
}

function deliveryOf(records: readonly string[]): Delivery {
  const body = Buffer.from(`{"records":[${records.join(',')}]}`)
  return { kind: 'hub', hub: 'platform', at: 0, records: records.length, rawBytes: body.length, body }
}
