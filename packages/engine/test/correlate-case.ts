import type { Match } from '@weir/model'
import { expect } from 'vitest'
import { createCorrelator } from '../src/correlate/correlator.ts'
import { oracle } from '../src/oracle/oracle.ts'
import { LIMITS, names, type RuleWords, rule, ruleSet, TestStore } from './correlate-kit.ts'

/** What a correlation over rules `a` and `b` makes of some matches: the events of each of its alerts. */
export type CorrelateCase = readonly [
  name: string,
  words: RuleWords,
  matches: readonly Match[],
  alerts: readonly (readonly string[])[],
]

/** Holds the oracle to the alerts, and the correlator to the oracle, with the matches in either order. */
export function holdCase(...[, words, matches, alerts]: CorrelateCase): void {
  const rules = [rule('a', { alert: false }), rule('b', { alert: false }), rule('x', words)]
  const expected = alerts.map((events) => [...events].sort())
  const told = oracle(rules, matches).filter((account) => account.rule === 'x')
  expect(told.map((account) => account.events)).toEqual(expected)
  for (const arrival of [matches, [...matches].reverse()]) {
    const store = new TestStore()
    const correlator = createCorrelator(ruleSet(...rules), LIMITS)
    for (const each of arrival) correlator.add(each, 0)
    correlator.finish(0)
    store.commit(correlator.take())
    expect(names(store.accounts())).toEqual(names(told))
  }
}
