import type { RawMessage } from '@weir/model'
import { isObject } from '@weir/model'

/**
 * One record of Event Hubs Capture as the message that it was: its body, at its sequence number, arrived when the
 * hub took it. `undefined` for a message without a body. Throws for a record of another shape.
 */
export function capturedMessage(record: unknown, blob: string, written: number): RawMessage | undefined {
  if (!isRecord(record)) throw new Error('an Avro record is not one of Event Hubs Capture')
  const bytes = bodyOf(record['Body'])
  if (bytes === undefined) return undefined
  const arrival = timeOf(record['EnqueuedTimeUtc']) ?? written
  return { bytes, at: `${blob}@${String(record['SequenceNumber'])}`, arrival }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return isObject(value) && value['SequenceNumber'] !== undefined && value['Body'] !== undefined
}

/** A union's value comes bare, or under the name of its type where the types could be confused. */
function bodyOf(body: unknown): Buffer | undefined {
  const bytes = isObject(body) && 'bytes' in body ? body['bytes'] : body
  if (bytes === null) return undefined
  if (!(bytes instanceof Uint8Array)) throw new Error('the Body of an Avro record is not bytes')
  return bytes.length === 0 ? undefined : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}

const US_TIME = /^(\d{1,2})\/(\d{1,2})\/(\d{4}) (\d{1,2}):(\d{2}):(\d{2})(?:\.\d+)?(?: ([AP])M)?$/i

/** `3/4/2026 9:05:07 PM`, an ISO time, or milliseconds; all UTC. */
function timeOf(value: unknown): number | undefined {
  if (typeof value === 'bigint') return Number(value)
  if (typeof value !== 'string') return undefined
  const us = US_TIME.exec(value)
  if (us === null) {
    const time = Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/.test(value) ? value : `${value}Z`)
    return Number.isNaN(time) ? undefined : time
  }
  const [month, day, year, hour, minute, second] = us.slice(1, 7).map(Number) as number[]
  const half = us[7]?.toUpperCase()
  const hours = half === undefined ? hour! : (hour! % 12) + (half === 'P' ? 12 : 0)
  return Date.UTC(year!, month! - 1, day, hours, minute, second)
}
