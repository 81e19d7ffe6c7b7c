/** A partition's clock as it is stored. */
export interface PartitionClock {
  readonly source: string
  readonly partition: string
  /** Greatest min(event time, arrival + skew) seen, or the wall clock while caught up; epoch milliseconds. */
  readonly clock: number
  /** Datasets seen on it. */
  readonly datasets: readonly string[]
}

interface Clock {
  readonly source: string
  readonly partition: string
  clock: number
  readonly datasets: Set<string>
  changed: boolean
}

/**
 * The clocks of all partitions and the watermarks that follow from them. A partition that nobody has read yet
 * could hold anything, so it holds every watermark back until it has been read or has caught up.
 */
export class Watermarks {
  readonly #clocks = new Map<string, Clock>()
  readonly #unannounced = new Set<string>()
  readonly #skewMs: number

  /** @param skewMs how far an event's time may lie after its arrival before the arrival counts instead. */
  constructor(skewMs: number, stored: readonly PartitionClock[] = []) {
    this.#skewMs = skewMs
    for (const each of stored) {
      this.#clocks.set(key(each.source, each.partition), {
        source: each.source,
        partition: each.partition,
        clock: each.clock,
        datasets: new Set(each.datasets),
        changed: false,
      })
    }
  }

  /** A configured source: until it names its partitions, they are unknown and hold everything back. */
  expect(source: string): void {
    this.#unannounced.add(source)
  }

  /** The partitions that a source reads; those it no longer has are forgotten. */
  announce(source: string, partitions: readonly string[]): void {
    this.#unannounced.delete(source)
    const named = new Set(partitions.map((partition) => key(source, partition)))
    for (const [id, each] of this.#clocks)
      if (each.source === source && !named.has(id)) this.#clocks.delete(id)
    for (const partition of partitions) this.#of(source, partition)
  }

  /** An event of a dataset was read; one of time `-Infinity` tells the dataset alone. */
  observe(source: string, partition: string, dataset: string, time: number, arrival: number): void {
    const clock = this.#of(source, partition)
    const seen = Math.min(time, arrival + this.#skewMs)
    if (seen > clock.clock) {
      clock.clock = seen
      clock.changed = true
    }
    if (!clock.datasets.has(dataset)) {
      clock.datasets.add(dataset)
      clock.changed = true
    }
  }

  /** Nothing waits on the partition: its clock follows the wall clock. */
  caughtUp(source: string, partition: string, now: number): void {
    const clock = this.#of(source, partition)
    if (now <= clock.clock) return
    clock.clock = now
    clock.changed = true
  }

  /**
   * The watermark of a set of datasets: least clock of the partitions that feed them, less `latenessMs`.
   * `-Infinity` while a partition that may feed them is unread.
   */
  of(datasets: ReadonlySet<string>, latenessMs: number): number {
    if (this.#unannounced.size > 0) return Number.NEGATIVE_INFINITY
    let least = Number.POSITIVE_INFINITY
    for (const each of this.#clocks.values()) if (feeds(each, datasets)) least = Math.min(least, each.clock)
    return least === Number.POSITIVE_INFINITY ? Number.NEGATIVE_INFINITY : least - latenessMs
  }

  /** The clocks that moved since the last call, to be stored. */
  take(): PartitionClock[] {
    const moved: PartitionClock[] = []
    for (const each of this.#clocks.values()) {
      // Nobody reads the clock of a partition that has none yet, and a store cannot keep it.
      if (!each.changed || each.clock === Number.NEGATIVE_INFINITY) continue
      each.changed = false
      moved.push({
        source: each.source,
        partition: each.partition,
        clock: each.clock,
        datasets: [...each.datasets],
      })
    }
    return moved
  }

  #of(source: string, partition: string): Clock {
    const id = key(source, partition)
    let clock = this.#clocks.get(id)
    if (clock === undefined) {
      clock = { source, partition, clock: Number.NEGATIVE_INFINITY, datasets: new Set(), changed: false }
      this.#clocks.set(id, clock)
    }
    return clock
  }
}

function key(source: string, partition: string): string {
  return `${source}\n${partition}`
}

/** A partition that has been read feeds what was seen on it; one that never was may feed anything. No dataset named means every dataset. */
function feeds(clock: Clock, datasets: ReadonlySet<string>): boolean {
  if (clock.clock === Number.NEGATIVE_INFINITY || datasets.size === 0) return true
  for (const dataset of clock.datasets) if (datasets.has(dataset)) return true
  return false
}
