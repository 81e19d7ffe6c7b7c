import type { SourceRhythm } from '@weir/model'
import { describe, expect, test } from 'vitest'
import { SourceWatch, WATCH_DEFAULTS } from '../src/source-watch.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** A Monday. */
const START = Date.parse('2026-03-02T00:00:00Z')

/** A generator of the same numbers for the same seed, uniform in [0, 1). */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** A source of one partition and the clock that it lives by. */
class Life {
  watch: SourceWatch
  now = START
  readonly settings

  constructor(settings: Partial<typeof WATCH_DEFAULTS> = {}) {
    this.settings = { ...WATCH_DEFAULTS, silentSecondsMax: 7 * 86_400, ...settings }
    this.watch = new SourceWatch(this.settings)
    this.begin()
  }

  begin(rhythms: readonly SourceRhythm[] = [], pushed: readonly string[] = []): void {
    this.watch.restore(rhythms, new Set(pushed), this.now)
    this.watch.known({ kind: 'partitions', source: 's', partitions: ['p'] }, this.now)
  }

  stands(state: 'caught-up' | 'lagging' | 'cut-off'): void {
    this.watch.state({ kind: 'state', source: 's', partition: 'p', state, now: this.now }, this.now)
  }

  /** Something comes now; `arrival` is the service's stamp. */
  comes(arrival = this.now): void {
    this.brings(arrival)
    this.stands('caught-up')
  }

  brings(arrival = this.now): void {
    const message = { bytes: Buffer.from('{}'), at: '1', arrival }
    this.watch.heard(
      { kind: 'batch', source: 's', partition: 'p', messages: [message], cursors: [] },
      this.now,
    )
  }

  /** Comes again and again for so long, with these pauses. */
  delivers(forMs: number, pause: () => number): void {
    for (const end = this.now + forMs; this.now < end; this.now += pause()) this.comes()
    this.now = this.heard()
  }

  heard(): number {
    return this.watch.rhythms()[0]!.heard
  }

  /** Whether it is called silent after so long a quiet. */
  silentAfter(ms: number): boolean {
    const reports = this.watch.check(this.heard() + ms)
    return reports.some(({ code, state }) => code === 'source-silent' && state === 'raised')
  }

  /** Another process over the same store, so much later. */
  restart(afterMs: number, pushed: readonly string[] = []): void {
    const kept = JSON.parse(JSON.stringify(this.watch.rhythms())) as SourceRhythm[]
    this.now += afterMs
    this.watch = new SourceWatch(this.settings)
    this.begin(kept, pushed)
  }
}

const SEED = 7

describe(`a source learns how quiet it may be (seed ${SEED})`, () => {
  const random = randomOf(SEED)
  const hourly = (): number => HOUR - random() * 2 * MINUTE
  const chatty = (): number => 1_000 + random() * 20_000

  test('one that delivers every hour is not silent after 50 minutes, nor after 90, but after two hours', () => {
    const life = new Life()
    life.delivers(3 * DAY, hourly)
    expect([50, 90, 121].map((minutes) => life.silentAfter(minutes * MINUTE))).toEqual([false, false, true])
  })

  test('one that delivers all the time is silent after minutes', () => {
    const life = new Life()
    life.delivers(26 * HOUR, chatty)
    expect([4, 6].map((minutes) => life.silentAfter(minutes * MINUTE))).toEqual([false, true])
  })

  test('one that was known for less than a day is measured by the ceiling alone', () => {
    const life = new Life({ silentSecondsMax: 3_600 })
    life.delivers(20 * HOUR, chatty)
    expect([59, 61].map((minutes) => life.silentAfter(minutes * MINUTE))).toEqual([false, true])
  })

  test('a weekend is silence the first time, and is known the next time', () => {
    const life = new Life()
    life.delivers(5 * DAY, hourly)
    expect(life.silentAfter(2 * DAY)).toBe(true)
    life.now = START + 7 * DAY
    life.delivers(5 * DAY, hourly)
    expect([2 * DAY + 2 * HOUR, 5 * DAY].map((ms) => life.silentAfter(ms))).toEqual([false, true])
  })

  test('a long pause is forgotten when it lies more than a week back', () => {
    const life = new Life()
    life.delivers(2 * DAY, hourly)
    life.now += DAY
    life.delivers(2 * DAY, hourly)
    expect(life.silentAfter(DAY)).toBe(false)
    life.delivers(8 * DAY, hourly)
    expect(life.silentAfter(3 * HOUR)).toBe(true)
  })

  test('what the operator says counts instead', () => {
    const life = new Life({ silentMs: { s: 3 * HOUR } })
    life.delivers(3 * DAY, chatty)
    expect([2, 4].map((hours) => life.silentAfter(hours * HOUR))).toEqual([false, true])
  })

  test('what arrived while we were away teaches its own pauses, not ours', () => {
    const life = new Life()
    life.delivers(2 * DAY, chatty)
    const from = life.now
    life.restart(6 * HOUR)
    for (let arrival = from; arrival < life.now; arrival += 10_000) life.comes(arrival)
    expect([4, 6].map((minutes) => life.silentAfter(minutes * MINUTE))).toEqual([false, true])
  })
})

test('a source of which the operator says how quiet it may be is silent also when it never delivered', () => {
  const life = new Life({ silentMs: { s: HOUR } })
  life.stands('caught-up')
  expect([59, 61].map((minutes) => life.silentAfter(minutes * MINUTE))).toEqual([false, true])
})

describe('a restart', () => {
  const silent = (life: Life): boolean =>
    life.watch.check(life.now).some(({ code, state }) => code === 'source-silent' && state === 'raised')

  test('does not hide a source that fell silent before it; but first all that waits is read', () => {
    const life = new Life({ silentMs: { s: HOUR } })
    life.comes()
    life.restart(2 * HOUR)
    expect(silent(life)).toBe(false)
    life.stands('lagging')
    expect(silent(life)).toBe(false)
    life.stands('caught-up')
    expect(silent(life)).toBe(true)
  })

  test('is no silence where something came meanwhile', () => {
    const life = new Life({ silentMs: { s: HOUR } })
    life.comes()
    life.restart(2 * HOUR)
    life.comes(life.now - 90 * MINUTE)
    expect(silent(life)).toBe(false)
  })

  test('an outage is not called silence, and does not end one that was told', () => {
    const life = new Life({ silentMs: { s: HOUR } })
    life.comes()
    life.now += 2 * HOUR
    life.stands('cut-off')
    expect(life.watch.check(life.now).filter(({ code }) => code === 'source-silent')).toEqual([])
  })
})

describe('a source that others push into, after we were away', () => {
  const told = (life: Life): readonly string[] =>
    life.watch.check(life.now).flatMap(({ code, state }) => (code === 'source-silent' ? [state] : []))

  /** Talks all the time until we go. */
  function away(ms: number): Life {
    const life = new Life()
    life.delivers(2 * DAY, () => 10_000)
    life.restart(ms, ['s'])
    life.stands('caught-up')
    return life
  }

  test('is not silent: nobody could push', () => {
    expect(told(away(6 * HOUR))).toEqual([])
  })

  test('is silent when it stays so', () => {
    const life = away(6 * HOUR)
    life.now += 6 * MINUTE
    expect(told(life)).toEqual(['raised'])
  })

  test('is heard of again, which ends a silence that was told before', () => {
    const life = away(6 * HOUR)
    life.comes()
    expect(told(life)).toEqual(['cleared'])
  })

  test('has not paused for as long', () => {
    const life = away(6 * HOUR)
    life.comes()
    life.delivers(HOUR, () => 10_000)
    expect([4, 6].map((minutes) => life.silentAfter(minutes * MINUTE))).toEqual([false, true])
  })
})

describe('a backlog', () => {
  /** Raised at the end of each minute, by what waits in it. */
  function minutes(waiting: readonly (readonly number[])[], read = true): boolean[] {
    const life = new Life()
    return waiting.map((some, minute) => {
      some.forEach((behind, n) => {
        life.now = START + minute * MINUTE + n * 5_000
        if (read) life.brings()
        life.watch.state(
          { kind: 'state', source: 's', partition: 'p', state: 'lagging', behind, now: life.now },
          life.now,
        )
      })
      const reports = life.watch.check(START + (minute + 1) * MINUTE)
      return reports.some(({ code, state }) => code === 'lag-grows' && state === 'raised')
    })
  }
  const grow = (count: number) => Array.from({ length: count }, (_, n) => [100 * n + 50, 100 * n + 40])

  test('that grows for ten minutes is named, and no longer once it falls', () => {
    const raised = minutes([...grow(12), [1_100], [900]])
    expect(raised.slice(0, 10)).toEqual(new Array(10).fill(false))
    expect(raised.slice(10)).toEqual([true, true, false, false])
  })

  test.each([
    ['a burst that is worked off', [...grow(9), ...grow(9).reverse()]],
    ['a saw that ends each minute where it began', new Array(20).fill([10, 500, 900, 10])],
    ['one that stands still', new Array(20).fill([5_000])],
  ])('is not named: %s', (_, waiting) => {
    expect(minutes(waiting)).not.toContain(true)
  })

  test('that nobody reads is a stalled partition, not a growing lag', () => {
    expect(minutes(grow(15), false)).not.toContain(true)
  })
})
