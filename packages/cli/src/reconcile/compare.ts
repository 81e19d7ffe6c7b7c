import type { SourceConfig } from '@weir/aggregator'
import { eventIdOf } from '@weir/normalize'
import { IdentitySet } from './identity-set.ts'
import { type Interval, readSide, type Seen } from './side.ts'

export interface CompareBounds {
  /** Events of one side; an interval with more is refused. */
  readonly identitiesMax: number
  /** Events that one side alone had, listed; further ones are only counted. */
  readonly listedMax: number
}

export const COMPARE_BOUNDS: CompareBounds = { identitiesMax: 20_000_000, listedMax: 10_000 }

/** An event that one side alone had. */
interface Only {
  readonly side: string
  readonly dataset: string
  readonly id: string
  /** ISO 8601. */
  readonly time: string
  readonly position: { readonly partition: string; readonly at: string; readonly index: number }
}

export interface Compared {
  readonly sides: readonly {
    readonly source: string
    readonly events: number
    readonly only: number
    readonly unreadable: number
  }[]
  readonly both: number
  readonly listed: readonly Only[]
}

/** Told of each event that one side alone had, once. */
export type TellOnly = (source: string, seen: Seen) => Promise<void> | void

/**
 * Which events of an interval one of two sources alone had, by identity. The first one is read once to remember what it
 * has, and once more only if the second one lacked something of it. Records are never held.
 */
export async function compareSides(
  first: SourceConfig,
  second: SourceConfig,
  interval: Interval,
  bounds: CompareBounds,
  tell: TellOnly,
): Promise<Compared> {
  const listed: Only[] = []
  const only = (source: string, seen: Seen): Promise<void> | void => {
    if (listed.length < bounds.listedMax) listed.push(onlyOf(source, seen))
    return tell(source, seen)
  }
  const known = new IdentitySet(bounds.identitiesMax)
  const one = await readSide(first, interval, ({ identity }) => void known.add(identity))
  const lone = new IdentitySet(bounds.identitiesMax)
  const other = await readSide(second, interval, (seen) => {
    if (known.mark(seen.identity) === 'absent' && lone.add(seen.identity)) return only(second.name, seen)
  })
  const [both, lacking] = [known.marked, known.size - known.marked]
  if (lacking > 0)
    await readSide(first, interval, (seen) => {
      if (known.mark(seen.identity) === 'new') return only(first.name, seen)
    })
  return {
    sides: [
      { source: first.name, events: known.size, only: lacking, unreadable: one.unreadable },
      { source: second.name, events: both + lone.size, only: lone.size, unreadable: other.unreadable },
    ],
    both,
    listed,
  }
}

function onlyOf(side: string, { event }: Seen): Only {
  const { partition, at } = event.origin
  const time = new Date(event.time).toISOString()
  return {
    side,
    dataset: event.dataset.name,
    id: eventIdOf(event),
    time,
    position: { partition, at, index: event.index },
  }
}
