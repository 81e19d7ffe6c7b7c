import type { JsonObject } from '@weir/model'
import { describe, expect, it } from 'vitest'
import { type ConfirmBounds, createMatcher, type Matcher, type MatcherOptions } from '../src/index.ts'
import { Confirmation } from '../src/match/confirm.ts'
import { Program } from '../src/match/program.ts'
import { DATASETS, eventOf, ruleOf, ruleSetOf } from './match-fixtures.ts'

const BOUNDS: ConfirmBounds = {
  hitsFirst: 3,
  hitsPerConfirmation: 10,
  eventsPerConfirmation: 1,
  confirmationsSavedMax: 1_000,
}

const is = (value: string) => ({ all: [{ fact: 'event.action', operator: 'equal', value }] })
const SET = ruleSetOf([ruleOf('a', is('foo')), ruleOf('b', is('bar')), ruleOf('c', { any: [] })])

/** A program whose first rule calls everything a hit, as one that was compiled wrongly would. */
const wrong: MatcherOptions['programOf'] = (...of) => {
  const program = new Program(...of)
  return {
    run: (events, places, found) => {
      program.run(events, places, found)
      for (const [index, event] of events.entries()) {
        const at = places[index]!
        const isHit = found.hits.some((hit) => hit.at === at && hit.order === 0)
        if (!isHit) found.hits.push({ event, at, order: 0 })
      }
    },
  }
}

async function found(matcher: Matcher, ...records: readonly JsonObject[]): Promise<string[]> {
  const events = records.map((record) => eventOf(record))
  return (await matcher.match(events)).map(({ rule, event }) => `${rule.id}${events.indexOf(event)}`)
}

describe('hits of compiled rules', () => {
  it('stay as they are, in their order, where the library says the same', async () => {
    const matcher = createMatcher(SET, DATASETS, { confirm: BOUNDS })
    const records = [{ action: 'foo' }, { action: 'bar' }, {}]
    expect(await found(matcher, ...records)).toEqual(['a0', 'c0', 'b1', 'c1', 'c2'])
    expect(matcher.takeDisagreements().size).toBe(0)
  })

  it('are taken away where the library says no, and are counted by rule until taken', async () => {
    const matcher = createMatcher(SET, DATASETS, { confirm: BOUNDS, programOf: wrong })
    const records = [{ action: 'foo' }, { action: 'bar' }, {}]
    expect(await found(matcher, ...records)).toEqual(['a0', 'c0', 'b1', 'c1', 'c2'])
    expect(matcher.takeDisagreements()).toEqual(new Map([['a', 2]]))
    expect(matcher.takeDisagreements().size).toBe(0)
  })

  it('stand where nobody asks the library', async () => {
    const matcher = createMatcher(SET, DATASETS, { programOf: wrong })
    expect(await found(matcher, { action: 'bar' })).toEqual(['a0', 'b0', 'c0'])
    expect(matcher.takeDisagreements().size).toBe(0)
  })

  it('of a rule that was wrong once are all decided by the library from the next batch on', async () => {
    const matcher = createMatcher(SET, DATASETS, {
      confirm: { ...BOUNDS, hitsFirst: 1, eventsPerConfirmation: 1_000, confirmationsSavedMax: 1 },
      programOf: wrong,
    })
    const many = Array.from({ length: 50 }, (): JsonObject => ({ action: 'x' }))
    expect(await found(matcher, { action: 'x' })).toEqual(['c0'])
    expect((await found(matcher, ...many)).filter((hit) => hit.startsWith('a'))).toEqual([])
    expect(matcher.takeDisagreements()).toEqual(new Map([['a', 51]]))
  })
})

describe('which hits are asked about', () => {
  const asked = (bounds: ConfirmBounds, hits: number, before?: number): readonly number[] => {
    const confirmation = new Confirmation(bounds, 2)
    if (before !== undefined) for (let n = 0; n < before; n++) confirmation.wants(1)
    return Array.from({ length: hits }, (_, n) => n).filter(() => confirmation.wants(0))
  }

  it('the first ones, then one in so many', () => {
    expect(asked(BOUNDS, 35)).toEqual([0, 1, 2, 12, 22, 32])
  })

  it('none when nothing is saved up, and the first ones as soon as there is', () => {
    const confirmation = new Confirmation(
      { ...BOUNDS, eventsPerConfirmation: 100, confirmationsSavedMax: 2 },
      1,
    )
    const wanted = (): number => Array.from({ length: 9 }, () => confirmation.wants(0)).filter(Boolean).length
    expect(wanted()).toBe(2)
    confirmation.saw(99)
    expect(wanted()).toBe(0)
    confirmation.saw(1)
    expect(wanted()).toBe(1)
    confirmation.saw(1_000_000)
    expect(wanted()).toBeLessThanOrEqual(2)
  })

  it('another rule uses what is saved up, and not the turn', () => {
    expect(asked(BOUNDS, 35, 50)).toEqual([0, 1, 2, 12, 22, 32])
    expect(asked({ ...BOUNDS, confirmationsSavedMax: 3 }, 35, 50)).toEqual([])
  })
})
