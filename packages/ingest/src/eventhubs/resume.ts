import type { RawBatch } from '@weir/model'
import type { Start } from './config.ts'
import type { HubCursor } from './cursor.ts'
import type { PartitionProperties } from './metadata.ts'

/** Where to read on, and what there is to tell of it: records gone meanwhile, or a position that fits no more. */
export interface Resumption {
  /** `undefined` for a partition never read, which begins as the configuration says. */
  readonly cursor: HubCursor | undefined
  readonly gap?: RawBatch['gap']
  readonly notice?: RawBatch['notice']
}

/** Before the first message of a partition. */
const BEGINNING: HubCursor = { sequenceNumber: -1, offset: '-1', enqueuedTime: 0 }

/** Hub and partition are stamped by different machines; a message so much older than its hub is not of it. */
const CLOCK_SKEW_MS_MAX = 300_000

/**
 * Holds a stored position against what the partition has now. `latest` becomes a position, so that what arrives
 * while we are away is read. Retention that has passed us is a gap. A hub deleted and made anew counts from its
 * beginning: waiting for our old number would be blindness, and so would be the offset of a message it never had.
 *
 * @param created when the hub was made, epoch milliseconds by the service's clock.
 */
export function resume(
  cursor: HubCursor | undefined,
  start: Start,
  properties: PartitionProperties,
  created: number,
): Resumption {
  if (cursor === undefined) return { cursor: start === 'latest' ? endOf(properties) : undefined }
  const misfit = misfitOf(cursor, properties, created)
  if (misfit === undefined) return pastRetention(cursor, properties)
  const detail = `${misfit} Reading goes on from the beginning of what is there.`
  return { ...pastRetention(BEGINNING, properties), notice: { code: 'position-reset', detail } }
}

function endOf({ last, lastOffset, lastEnqueued }: PartitionProperties): HubCursor {
  return last < 0 ? BEGINNING : { sequenceNumber: last, offset: lastOffset, enqueuedTime: lastEnqueued }
}

/** Why the position is none of this partition's. */
function misfitOf(cursor: HubCursor, { last }: PartitionProperties, created: number): string | undefined {
  const { sequenceNumber, enqueuedTime } = cursor
  const stored = `The stored position is sequence number ${sequenceNumber}`
  if (last < sequenceNumber)
    return `${stored}, but ${last < 0 ? 'nothing was ever sent here' : `the last one here is ${last}`}.`
  if (sequenceNumber < 0 || created - CLOCK_SKEW_MS_MAX <= enqueuedTime) return undefined
  const [then, made] = [enqueuedTime, created].map((ms) => new Date(ms).toISOString())
  return `${stored} of ${then}, but the hub was made at ${made}.`
}

/** Where everything is gone it cannot be told by the first that is left. */
function pastRetention(cursor: HubCursor, properties: PartitionProperties): Resumption {
  const { empty, begin, last } = properties
  const after = cursor.sequenceNumber
  const next = empty ? last + 1 : begin
  if (next <= after + 1) return { cursor }
  const gap = { after: String(after), next: String(next) }
  return { cursor: empty ? endOf(properties) : { ...cursor, sequenceNumber: next - 1 }, gap }
}
