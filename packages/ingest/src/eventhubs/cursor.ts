import { isObject } from '@weir/model'

/** A message's place in its partition, and so how far a reader is. */
export interface HubCursor {
  readonly sequenceNumber: number
  /** The service's own, an opaque string. */
  readonly offset: string
  /** Epoch milliseconds. */
  readonly enqueuedTime: number
}

/** A cursor from the store; `undefined` for one that is not ours, so that the partition is read anew. */
export function parseHubCursor(text: string | undefined): HubCursor | undefined {
  if (text === undefined || text === '') return undefined
  const value: unknown = JSON.parse(text)
  if (!isObject(value)) return undefined
  const { sequenceNumber, offset, enqueuedTime } = value
  if (typeof sequenceNumber !== 'number' || typeof offset !== 'string' || typeof enqueuedTime !== 'number')
    return undefined
  return { sequenceNumber, offset, enqueuedTime }
}

/** The partitions that a hub had when we began with it; `undefined` when that was not kept. */
export function parseHubFound(text: string | undefined): readonly string[] | undefined {
  if (text === undefined || text === '') return undefined
  const value: unknown = JSON.parse(text)
  if (!isObject(value) || !Array.isArray(value['partitions'])) return undefined
  return value['partitions'].map(String)
}
