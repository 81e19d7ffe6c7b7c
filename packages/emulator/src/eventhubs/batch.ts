import rhea from 'rhea'
import { binaryAt, mapEntries, SECTION, type Section, sections, textAt } from './amqp-bytes.ts'
import { SERVICE_ANNOTATIONS } from './annotations.ts'

/** Message format of a transfer whose data sections are encoded messages. */
export const BATCH_FORMAT = 0x80013700

/** Application property by which a sender may give the enqueued time, epoch milliseconds. */
export const ENQUEUED_AT_PROPERTY = 'weir-enqueued-at'

/** One event as it was sent. `rest` is the encoded message from its properties section on. */
export interface SentEvent {
  readonly partitionKey: string | undefined
  readonly annotations: readonly Buffer[]
  readonly rest: Buffer
  /** Epoch milliseconds that the sender gave; `undefined` when it gave none. */
  readonly enqueuedAt: number | undefined
}

/** What one transfer brought. The envelope's partition key decides for all of its events. */
export interface SentBatch {
  readonly partitionKey: string | undefined
  readonly events: readonly SentEvent[]
}

/** Takes a transfer of the batch format apart. Throws a RangeError on bytes that are not AMQP. */
export function readBatch(bytes: Buffer): SentBatch {
  const events: SentEvent[] = []
  let partitionKey: string | undefined
  for (const section of sections(bytes)) {
    if (section.code === SECTION.messageAnnotations)
      partitionKey = readAnnotations(bytes, section).partitionKey
    else if (section.code === SECTION.data) events.push(readEvent(binaryAt(bytes, section.value)))
  }
  return { partitionKey, events }
}

/** Takes one encoded message apart. Throws a RangeError on bytes that are not AMQP. */
export function readEvent(bytes: Buffer): SentEvent {
  let annotations: Annotations = { partitionKey: undefined, others: [] }
  let enqueuedAt: number | undefined
  let rest = bytes.length
  for (const section of sections(bytes)) {
    if (section.code === SECTION.messageAnnotations) annotations = readAnnotations(bytes, section)
    if (section.code === SECTION.applicationProperties) enqueuedAt = readEnqueuedAt(bytes, section)
    if (section.code >= SECTION.properties) rest = Math.min(rest, section.start)
  }
  return {
    partitionKey: annotations.partitionKey,
    annotations: annotations.others,
    rest: bytes.subarray(rest),
    enqueuedAt,
  }
}

interface Annotations {
  readonly partitionKey: string | undefined
  readonly others: readonly Buffer[]
}

function readAnnotations(bytes: Buffer, section: Section): Annotations {
  let partitionKey: string | undefined
  const others: Buffer[] = []
  for (const { key, pair, value } of mapEntries(bytes, section.value)) {
    if (key === 'x-opt-partition-key') partitionKey = textAt(bytes, value)
    else if (!SERVICE_ANNOTATIONS.has(key)) others.push(pair)
  }
  return { partitionKey, others }
}

/** Numbers have many encodings; the one entry that is asked for is left to the AMQP library. */
function readEnqueuedAt(bytes: Buffer, section: Section): number | undefined {
  if (bytes.indexOf(ENQUEUED_AT_PROPERTY, section.value) === -1) return undefined
  const { application_properties } = rhea.message.decode(bytes.subarray(section.start, section.end))
  const given = Number(application_properties[ENQUEUED_AT_PROPERTY])
  return Number.isFinite(given) ? given : undefined
}
