import type { Match } from '@weir/model'
import { test } from 'vitest'
import { type CorrelateCase, holdCase } from './correlate-case.ts'
import { match, type RuleWords } from './correlate-kit.ts'

const at = (base: string, time: number, id = `${base}${time}`, fields: Match['fields'] = {}): Match =>
  match(base, time, { id, fields })

const three: RuleWords = { type: 'event_count', over: ['a'], gte: 3 }
const spray: RuleWords = { type: 'value_count', over: ['a'], field: 'user.name', gte: 2 }
const both: RuleWords = { type: 'temporal', over: ['a', 'b'] }
const order: RuleWords = { type: 'temporal_ordered', over: ['a', 'b'] }
const user = (name: string): Match['fields'] => ({ 'user.name': name })
const ip = (value: string | string[]): Match['fields'] => ({ ip: value })

/** The timespan is 10 ms throughout; `alerts` are the events of each. */
const cases: readonly CorrelateCase[] = [
  ['enough events', three, [at('a', 0), at('a', 5), at('a', 9)], [['a0', 'a5', 'a9']]],
  ['one event short', three, [at('a', 0), at('a', 9)], []],
  ['exactly the timespan', three, [at('a', 0), at('a', 5), at('a', 10)], [['a0', 'a10', 'a5']]],
  ['one millisecond over', three, [at('a', 0), at('a', 5), at('a', 11)], []],
  [
    'one provider id twice counts once',
    three,
    [at('a', 0), match('a', 1, { id: 'p', subject: 'same' }), match('a', 2, { id: 'q', subject: 'same' })],
    [],
  ],
  [
    'windows that share a match are one episode',
    three,
    [0, 5, 10, 15, 20].map((time) => at('a', time)),
    [['a0', 'a10', 'a15', 'a20', 'a5']],
  ],
  [
    'windows that share none are two',
    three,
    [0, 1, 2, 13, 14, 15].map((time) => at('a', time)),
    [
      ['a0', 'a1', 'a2'],
      ['a13', 'a14', 'a15'],
    ],
  ],
  ['enough values', spray, [at('a', 0, 'p', user('x')), at('a', 10, 'q', user('y'))], [['p', 'q']]],
  ['one value many times', spray, [0, 1, 2, 3].map((time) => at('a', time, `e${time}`, user('x'))), []],
  ['a value too late', spray, [at('a', 0, 'p', user('x')), at('a', 11, 'q', user('y'))], []],
  ['without the counted field', spray, [at('a', 0, 'p', user('x')), at('a', 1, 'q')], []],
  ['both rules, either order', both, [at('b', 0), at('a', 10)], [['a10', 'b0']]],
  ['one event may be both', both, [at('a', 0, 'e'), at('b', 0, 'e')], [['e']]],
  ['one rule alone', both, [at('a', 0), at('a', 1)], []],
  ['both rules, too far apart', both, [at('b', 0), at('a', 11)], []],
  ['in order', order, [at('a', 0), at('b', 10)], [['a0', 'b10']]],
  ['out of order', order, [at('b', 0), at('a', 1)], []],
  ['in order, too far apart', order, [at('a', 0), at('b', 11)], []],
  ['equal times satisfy any order', order, [at('b', 5), at('a', 5)], [['a5', 'b5']]],
  ['one event is not two steps', order, [at('a', 5, 'e'), at('b', 5, 'e')], []],
  [
    'a step twice needs two events',
    { ...order, over: ['a', 'a', 'b'] },
    [at('a', 0), at('b', 1), at('a', 2), at('b', 3)],
    [['a0', 'a2', 'b1', 'b3']],
  ],
  [
    'each group for itself',
    { ...both, by: ['ip'] },
    [at('a', 0, 'p', ip('1')), at('b', 1, 'q', ip('2'))],
    [],
  ],
  [
    'a list is one key',
    { ...both, by: ['ip'] },
    [at('a', 0, 'p', ip(['1', '2'])), at('b', 1, 'q', ip(['1', '2'])), at('b', 2, 'r', ip('1'))],
    [['p', 'q']],
  ],
  [
    'an alias stands for a field of its own in each rule',
    { ...both, by: ['host'], aliases: { host: { a: 'source.ip', b: 'destination.ip' } } },
    [at('a', 0, 'p', { 'source.ip': '1' }), at('b', 1, 'q', { 'source.ip': '2', 'destination.ip': '1' })],
    [['p', 'q']],
  ],
  [
    'a gap as long as suppress joins, and leaves out what lies between',
    { ...both, join: 22 },
    [at('a', 0), at('b', 1), at('a', 12), at('b', 23), at('a', 23)],
    [['a0', 'a23', 'b1', 'b23']],
  ],
  [
    'a gap one longer than suppress does not',
    { ...both, join: 10 },
    [at('a', 0), at('b', 1), at('a', 12), at('b', 12)],
    [
      ['a0', 'b1'],
      ['a12', 'b12'],
    ],
  ],
]

test.each(cases)('%s', (...each) => holdCase(...each))
