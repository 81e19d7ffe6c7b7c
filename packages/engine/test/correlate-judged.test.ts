import type { Match } from '@weir/model'
import { test } from 'vitest'
import { type CorrelateCase, holdCase } from './correlate-case.ts'
import { match, type RuleWords } from './correlate-kit.ts'

const at = (base: string, time: number, fields: Match['fields'] = {}, id = `${base}${time}`): Match =>
  match(base, time, { id, fields })
const many = (base: string, ...times: readonly number[]): Match[] => times.map((time) => at(base, time))
const sized = (sizes: Readonly<Record<number, Match['fields'][string]>>): Match[] =>
  Object.entries(sizes).map(([time, size]) => at('a', Number(time), { size }))

const few: RuleWords = { type: 'event_count', over: ['a'], bounds: { lte: 2 } }
const names: RuleWords = { type: 'value_count', over: ['a'], field: 'name', bounds: { eq: 2 } }
const sum: RuleWords = { type: 'value_sum', over: ['a'], field: 'size', bounds: { gt: 100 } }
const average: RuleWords = { ...sum, type: 'value_avg', bounds: { gte: 50 } }
const median: RuleWords = { ...sum, type: 'value_percentile', percentile: 50, bounds: { gte: 50 } }
const terms: RuleWords = { type: 'new_terms', over: ['a'], field: 'name' }
const absent: RuleWords = { type: 'absence', over: ['a', 'b'] }
const name = (value: Match['fields'][string], user = 'u'): Match['fields'] => ({ name: value, user })

/** The timespan is 10 ms throughout; `alerts` are the events of each. */
const cases: readonly CorrelateCase[] = [
  ['at most two in a window', few, many('a', 0, 9), [['a0', 'a9']]],
  ['three are too many', few, many('a', 0, 5, 9), []],
  ['a window begins where its first millisecond does', few, many('a', 0, 5, 10), [['a0', 'a5'], ['a10']]],
  ['no event is no window', few, [], []],
  ['windows are aligned before 1970, too', few, many('a', -10, -1, 0), [['a-1', 'a-10'], ['a0']]],
  [
    'windows one after another are joined by suppress, and one further off is not',
    { ...few, join: 5 },
    many('a', 0, 10, 11, 40),
    [['a0', 'a10', 'a11'], ['a40']],
  ],
  [
    'suppress joins windows across a gap as long as it, and no longer',
    { ...few, join: 10 },
    many('a', 0, 20, 51),
    [['a0', 'a20'], ['a51']],
  ],
  [
    'a window between that is not satisfied is not in the alert',
    { ...few, join: 10 },
    many('a', 0, 11, 12, 13, 20),
    [['a0', 'a20']],
  ],
  [
    'one provider id twice counts once',
    { ...few, bounds: { lt: 2 } },
    [match('a', 1, { id: 'p', subject: 's' }), match('a', 2, { id: 'q', subject: 's' })],
    [['p', 'q']],
  ],
  [
    'a range',
    { ...few, bounds: { gte: 2, lt: 4 } },
    many('a', 0, 1, 2, 10, 20, 21),
    [
      ['a0', 'a1', 'a2'],
      ['a20', 'a21'],
    ],
  ],
  [
    'not so many',
    { ...few, bounds: { neq: 2 } },
    many('a', 0, 1, 10, 20, 21, 22),
    [['a10'], ['a20', 'a21', 'a22']],
  ],
  [
    'just so many values',
    names,
    [at('a', 0, name('x')), at('a', 1, name('y')), at('a', 2, name('x'))],
    [['a0', 'a1', 'a2']],
  ],
  ['one value too many', names, [at('a', 0, name('x')), at('a', 1, name('y')), at('a', 2, name('z'))], []],
  [
    'combinations of two fields',
    { ...names, field: ['name', 'user'] },
    [at('a', 0, name('x', '1')), at('a', 1, name('x', '2')), at('a', 2, { name: 'x' })],
    [['a0', 'a1']],
  ],
  [
    'either of two rules in a window, not both',
    { type: 'temporal', over: ['a', 'b'], bounds: { eq: 1 } },
    [...many('a', 0, 1, 10), ...many('b', 11)],
    [['a0', 'a1']],
  ],
  ['a sum over the bound', sum, sized({ 0: 60, 9: 41 }), [['a0', 'a9']]],
  ['a sum at the bound', sum, sized({ 0: 60, 9: 40 }), []],
  ['a sum across two windows', sum, sized({ 9: 60, 10: 60 }), []],
  ['text that is a number', sum, sized({ 0: '60', 1: '4.1e1' }), [['a0', 'a1']]],
  ['what is no number is left out', sum, sized({ 0: 60, 1: '41 B', 2: ['50'], 3: null, 4: '', 5: true }), []],
  [
    'an event of two rules is summed once',
    { ...sum, over: ['a', 'b'] },
    [at('a', 0, { size: 60 }, 'e'), at('b', 0, { size: 60 }, 'e')],
    [],
  ],
  ['an average', average, sized({ 0: 20, 1: 80 }), [['a0', 'a1']]],
  ['an average below', average, sized({ 0: 19, 1: 80 }), []],
  ['the lower of two is the median', median, sized({ 0: 49, 1: 1000 }), []],
  ['the middle of three is the median', median, sized({ 0: 1, 1: 50, 2: 1000 }), [['a0', 'a1', 'a2']]],
  [
    'the hundredth percentile is the greatest',
    { ...median, percentile: 100 },
    sized({ 0: 1, 1: 50 }),
    [['a0', 'a1']],
  ],
  ['the zeroth percentile is the least', { ...median, percentile: 0 }, sized({ 0: 49, 1: 50 }), []],
  ['a term never seen', terms, [at('a', 0, name('x')), at('a', 1, name('y'))], [['a0'], ['a1']]],
  ['seen a timespan before is known', terms, [at('a', 0, name('x')), at('a', 10, name('x'))], [['a0']]],
  [
    'seen a millisecond longer ago is new again',
    terms,
    [at('a', 0, name('x')), at('a', 11, name('x'))],
    [['a0'], ['a11']],
  ],
  [
    'seen again and again stays known',
    terms,
    [0, 9, 18, 27].map((time) => at('a', time, name('x'))),
    [['a0']],
  ],
  [
    'new in each group',
    { ...terms, by: ['user'] },
    [at('a', 0, name('x', '1')), at('a', 1, name('x', '2'))],
    [['a0'], ['a1']],
  ],
  [
    'at one moment is new together',
    terms,
    [at('a', 5, name('x'), 'p'), at('a', 5, name('x'), 'q')],
    [['p', 'q']],
  ],
  [
    'silent while it learns',
    { ...terms, learn: 5 },
    [at('a', 2, name('x')), at('a', 6, name('y')), at('a', 7, name('z'))],
    [['a7']],
  ],
  [
    'learnt is known afterwards',
    { ...terms, learn: 5 },
    [at('a', 0, name('x')), at('a', 10, name('x')), at('a', 21, name('x'))],
    [['a21']],
  ],
  [
    'new terms are joined by suppress',
    { ...terms, join: 5 },
    [at('a', 0, name('x')), at('a', 5, name('y')), at('a', 11, name('z'))],
    [['a0', 'a5'], ['a11']],
  ],
  [
    'a list is one term',
    terms,
    [at('a', 0, name(['x', 'y'])), at('a', 1, name(['x', 'y'])), at('a', 2, name([]))],
    [['a0']],
  ],
  ['never answered', absent, many('a', 0), [['a0']]],
  ['answered before is not answered', absent, [...many('b', 4), ...many('a', 5)], [['a5']]],
  ['answered at once', absent, [...many('a', 5), ...many('b', 5)], []],
  ['answered at the last moment', absent, [...many('a', 5), ...many('b', 15)], []],
  ['answered too late', absent, [...many('a', 5), ...many('b', 16)], [['a5']]],
  ['one answer for all', absent, [...many('a', 0, 5, 10), ...many('b', 10)], []],
  [
    'answered in another group',
    { ...absent, by: ['user'] },
    [at('a', 0, { user: '1' }), at('b', 1, { user: '2' })],
    [['a0']],
  ],
  ['each has an alert of its own', absent, many('a', 0, 5), [['a0'], ['a5']]],
  ['absences are joined by suppress', { ...absent, join: 5 }, many('a', 0, 5, 11), [['a0', 'a5'], ['a11']]],
]

test.each(cases)('%s', (...each) => holdCase(...each))
