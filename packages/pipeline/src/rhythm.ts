import type { RawMessage, SourceRhythm } from '@weir/model'

const DAY_MS = 86_400_000

/** Days whose quiet spells count: a week, and the day on which the one before it ended. */
const DAYS_KEPT_MAX = 8
/** A source that has not been known for so long, a night included, has not shown how quiet it can be. */
const LEARN_MS = DAY_MS
/** Fewer spells than this say nothing of a rhythm. */
const SPELLS_MIN = 20
/** How many times its longest quiet spell a source may be quiet. */
const FACTOR = 2

export interface SilenceBounds {
  /** However often a source delivered, so much quiet is none. */
  readonly silentSecondsMin: number
  /** However rarely it delivered, more than this is silence; it counts alone until the source's rhythm is known. */
  readonly silentSecondsMax: number
}

/**
 * How a source delivers: when it was last heard of, by our clock, and how long it was quiet at most on each of the
 * last days, by the arrivals that the service stamped, so that what we read late counts as it came.
 */
export class Rhythm {
  readonly #source: string
  #heard: number
  /** Since when we could have heard of it, where it does not keep what it has until we ask. */
  #listening = Number.NEGATIVE_INFINITY
  #since: number | undefined
  #arrival = Number.NEGATIVE_INFINITY
  #days: SourceRhythm['days'] = []

  constructor(source: string, heard: number, stored?: SourceRhythm) {
    this.#source = source
    this.#heard = stored?.heard ?? heard
    this.#since = stored?.since
    if (stored !== undefined) {
      this.#arrival = stored.arrival
      this.#days = stored.days
    }
  }

  /** We were away, and nobody could push: that was no quiet of its own. */
  listen(now: number): void {
    this.#listening = now
  }

  hear(messages: readonly RawMessage[], now: number): void {
    this.#heard = now
    for (const { arrival } of messages) {
      // A folder of old files has no rhythm.
      if (arrival <= this.#arrival || arrival < now - DAYS_KEPT_MAX * DAY_MS) continue
      if (Number.isFinite(this.#arrival) && this.#arrival >= this.#listening)
        this.#learn(arrival - this.#arrival, Math.floor(arrival / DAY_MS))
      this.#since ??= arrival
      this.#arrival = arrival
    }
  }

  quietMs(now: number): number {
    return now - Math.max(this.#heard, this.#listening)
  }

  /** False while all that is known of it is from before we were away. */
  get heard(): boolean {
    return this.#heard >= this.#listening
  }

  /** How long it may be quiet. */
  allowedMs(now: number, { silentSecondsMin, silentSecondsMax }: SilenceBounds): number {
    const most = silentSecondsMax * 1000
    const spells = this.#days.reduce((sum, day) => sum + day.spells, 0)
    if (this.#since === undefined || now - this.#since < LEARN_MS || spells < SPELLS_MIN) return most
    const longest = Math.max(...this.#days.map(({ longestMs }) => longestMs))
    return Math.min(most, Math.max(silentSecondsMin * 1000, longest * FACTOR))
  }

  stored(): SourceRhythm {
    return {
      source: this.#source,
      heard: this.#heard,
      since: this.#since ?? this.#heard,
      arrival: Number.isFinite(this.#arrival) ? this.#arrival : 0,
      days: this.#days,
    }
  }

  /** A spell counts on the day on which it ended. */
  #learn(ms: number, day: number): void {
    const had = this.#days.find((each) => each.day === day) ?? { day, longestMs: 0, spells: 0 }
    const now = { day, longestMs: Math.max(had.longestMs, ms), spells: had.spells + 1 }
    this.#days = [...this.#days.filter((each) => each !== had && each.day > day - DAYS_KEPT_MAX), now]
  }
}
