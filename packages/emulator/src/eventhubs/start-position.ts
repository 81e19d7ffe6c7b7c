import type { Partition } from './partition.ts'

/** Where a reader asks to start: after (or at, when inclusive) a message named by one of three columns. */
export interface StartPosition {
  readonly by: 'offset' | 'sequence' | 'time'
  readonly value: string
  readonly inclusive: boolean
}

const SELECTOR = /^amqp\.annotation\.x-opt-(offset|sequence-number|enqueued-time) (>=?) '([^']*)'$/
const EARLIEST: StartPosition = { by: 'offset', value: '-1', inclusive: false }

/**
 * Reads the selector of an attach; without one a reader starts at the earliest. `undefined` when it cannot
 * be read.
 */
export function readSelector(selector: string | undefined): StartPosition | undefined {
  if (selector === undefined) return EARLIEST
  const match = SELECTOR.exec(selector)
  if (match === null) return undefined
  const by = match[1] === 'sequence-number' ? 'sequence' : match[1] === 'offset' ? 'offset' : 'time'
  return { by, value: match[3]!, inclusive: match[2] === '>=' }
}

/**
 * The sequence number of the first message to deliver, never before the earliest that is left.
 * `undefined` when the position lies beyond the end of the partition, which the service refuses.
 */
export function resolveStart(position: StartPosition, partition: Partition): number | undefined {
  const first = firstWanted(position, partition)
  if (Number.isNaN(first) || first > partition.next) return undefined
  return Math.max(first, partition.begin)
}

function firstWanted({ by, value, inclusive }: StartPosition, partition: Partition): number {
  if (by === 'offset' && value === '@latest') return inclusive ? partition.next - 1 : partition.next
  const number = Number(value === '' ? Number.NaN : value)
  if (Number.isNaN(number)) return number
  switch (by) {
    case 'sequence':
      return inclusive ? number : number + 1
    case 'offset':
      return partition.firstFromOffset(inclusive ? number : number + 1)
    case 'time':
      return partition.firstFromTime(inclusive ? number : number + 1)
    default:
      return by satisfies never
  }
}
