import avsc from 'avsc'

/** What Event Hubs Capture writes of one event. */
export interface Captured {
  readonly sequence: number
  readonly enqueued: string
  readonly body: string | Uint8Array | null
}

const SCHEMA = {
  type: 'record',
  name: 'EventData',
  namespace: 'Microsoft.ServiceBus.Messaging',
  fields: [
    { name: 'SequenceNumber', type: 'long' },
    { name: 'Offset', type: 'string' },
    { name: 'EnqueuedTimeUtc', type: 'string' },
    { name: 'SystemProperties', type: { type: 'map', values: ['long', 'double', 'string', 'bytes'] } },
    { name: 'Properties', type: { type: 'map', values: ['long', 'double', 'string', 'bytes', 'null'] } },
    { name: 'Body', type: ['null', 'bytes'] },
  ],
} as const

/** An Avro object container file, made by the library's own encoder; a small `blockSize` makes many blocks. */
export async function captureFile(
  events: readonly Captured[],
  { codec = 'null', blockSize = 65_536, schema = SCHEMA as object } = {},
): Promise<Buffer> {
  const type = avsc.Type.forSchema(schema as never)
  const encoder = new avsc.streams.BlockEncoder(type, { codec: codec as never, blockSize, writeHeader: true })
  const parts: Buffer[] = []
  encoder.on('data', (part: Buffer) => parts.push(part))
  const ended = new Promise<void>((resolve) => encoder.on('end', resolve))
  for (const event of events) encoder.write(recordOf(event))
  encoder.end()
  await ended
  return Buffer.concat(parts)
}

function recordOf({ sequence, enqueued, body }: Captured): object {
  return {
    SequenceNumber: sequence,
    Offset: String(sequence * 100),
    EnqueuedTimeUtc: enqueued,
    SystemProperties: { 'x-opt-partition-key': { string: 'k' }, n: { long: 5 } },
    Properties: { source: { string: 'test' } },
    Body: body === null ? null : Buffer.from(body as string),
  }
}
