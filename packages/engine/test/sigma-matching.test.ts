import type { JsonObject, JsonValue } from '@weir/model'
import { describe, expect, it } from 'vitest'
import { met, rule } from './sigma-kit.ts'

const selection = (item: string) => rule(`  sel:\n    ${item}\n  condition: sel`)

/** Detection item, values of its field that meet it, values that do not; `undefined` is a record without it. */
type Row = readonly [string, readonly (JsonValue | undefined)[], readonly (JsonValue | undefined)[]]

const PLAIN: readonly Row[] = [
  ['plain: Abc', ['abc', 'ABC'], ['ab', 'abcd', '', null, undefined, ['abc']]],
  ['plain|cased: Abc', ['Abc'], ['abc', 'ABC']],
  ['plain: 50053', [50053, '50053'], [50054, '050053', '50053 ', undefined]],
  ["plain: '50053'", [50053, '50053'], [5005, undefined]],
  ["plain: '0123'", ['0123'], [123, '123']],
  ['plain: 1.50', [1.5, '1.5'], ['1.50', 15]],
  ['plain: true', [true, 'true', 'TRUE'], [false, 1, 'yes', undefined]],
  ["plain: 'false'", [false, 'False'], [true, null, undefined]],
  ['plain: [a, 7]', ['A', 7, '7'], ['b', 8, undefined]],
  ["plain: ''", [''], [' ', null, undefined, [], 0]],
  ['plain: null', [null, undefined], ['', 0, false, 'null']],
  ["plain: 'null'", ['null', 'NULL'], [null, undefined]],
  // Wildcards and their escapes.
  ['plain: a*c', ['ac', 'abC', 'A*c'], ['acd', 'bac']],
  ['plain: a?c', ['abc', 'A?C'], ['ac', 'abbc']],
  ["plain: 'a\\*c'", ['a*c', 'A*C'], ['abc', 'a\\*c']],
  ["plain: 'a\\?c'", ['a?c'], ['abc']],
  ["plain: 'a\\\\*c'", ['a\\c', 'a\\xxc'], ['a*c', 'abc']],
  ["plain: 'a\\\\\\*c'", ['a\\*c'], ['a\\xc', 'a*c']],
  ["plain: 'a\\b'", ['a\\b'], ['ab', 'a\\\\b']],
  ["plain: 'a\\\\b'", ['a\\b'], ['a\\\\b']],
  ["plain: 'a\\\\\\\\b'", ['a\\\\b'], ['a\\b']],
  ["plain: 'a\\\\\\b'", ['a\\\\b'], ['a\\b']],
  ["plain: '*'", ['', 'x', 0, false], [null, undefined]],
  ["plain: 'a*'", ['a', 'Abc'], ['ba']],
  ["plain: '*a'", ['a', 'bA'], ['ab']],
  ["plain: '*a*'", ['a', 'bAb'], ['b']],
  ["plain: '5*3'", ['5003', 53, 503], [50, 'x53']],
  // contains, startswith, endswith
  ['plain|contains: b', ['abc', 'B'], ['ac', undefined]],
  ['plain|contains|cased: B', ['aBc'], ['abc']],
  ['plain|contains: [b, x]', ['abc', 'X'], ['ac']],
  ['plain|contains|all: [b, x]', ['xB', 'bx'], ['b', 'x']],
  ['plain|contains: a*c', ['xabcx', 'ac'], ['cab']],
  ["plain|contains: 'a\\*c'", ['xa*cx'], ['xabcx']],
  ['plain|contains: 12', ['a12', 5120, '12'], [21, undefined]],
  ['plain|contains: ru', ['true', true, 'cruel'], [false, 'x']],
  ['plain|startswith: Ab', ['abc'], ['cab', 'a']],
  ['plain|startswith: 50', [50053, '50x'], [150]],
  ['plain|endswith: Bc', ['abc', 'bC'], ['bcd']],
  ["plain|endswith: '\\cmd.exe'", ['C:\\Windows\\CMD.exe'], ['cmd.exe']],
  ["plain|startswith: 'a\\'", ['a\\b', 'A\\'], ['a', 'ab']],
  // exists, neq
  ['plain|exists: true', ['', 'x', null, 0], [undefined]],
  ['plain|exists: false', [undefined], ['', null]],
  ['plain|exists: no', [undefined], ['']],
  ['plain|neq: a', ['b', '', null, undefined], ['A', 'a']],
  ['plain|neq: [a, b]', ['c', undefined], ['A', 'b']],
  ['plain|neq: 5', [6, '6'], [5, '5']],
  ['plain|contains|neq: a', ['b', undefined], ['xAx']],
  // windash, re
  [
    "plain|windash|contains: ' -enc'",
    ['x -ENC', 'x /enc', 'x \u2013enc', 'x \u2014enc', 'x \u2015enc'],
    ['x enc', 'x +enc'],
  ],
  ['plain|windash: a-b-c', ['a-b-c', 'a/b\u2013c'], ['abc', 'a-b']],
  ['plain|windash|contains|all: [-a, -b]', ['/a -b'], ['-a', '/b']],
  ['plain|re: ^ab+$', ['ab', 'abb'], ['AB', 'xab', undefined]],
  ['plain|re: b', ['abc'], ['aBc']],
  ['plain|re|i: ^ab+$', ['AB', 'abb'], ['xab']],
  ['plain|re|m: ^b$', ['a\nb\nc'], ['a\nbc']],
  ['plain|re: a.c', ['abc'], ['a\nc']],
  ['plain|re|s: a.c', ['a\nc'], ['ac']],
  ['plain|re|i|s: A.C', ['a\nc'], ['ac']],
  ['plain|re: ^5\\d$', [50, '51'], [5, 501]],
  ['plain|re: [^a, ^b]', ['ax', 'bx'], ['cx']],
  // encodings
  ['plain|base64: foobar', ['Zm9vYmFy'], ['foobar', 'Zm9vYmF']],
  ['plain|base64|contains|cased: foobar', ['xZm9vYmFyx'], ['xzm9vymfyx']],
  ['plain|base64offset|contains: foobar', ['Zm9vYmFy', 'xxZvb2Jhcxx', 'xxmb29iYXxx'], ['foobar', 'Zvb2Jh']],
  ['plain|wide|base64: cmd', ['YwBtAGQA'], ['Y21k']],
  ['plain|utf16le|base64: cmd', ['YwBtAGQA'], ['AGMAbQBk']],
  ['plain|utf16be|base64: cmd', ['AGMAbQBk'], ['YwBtAGQA']],
  ['plain|utf16|base64: cmd', ['//5jAG0AZAA='], ['YwBtAGQA']],
  ['plain|wide|base64offset|contains: ab', ['YQBiA', 'xEAYgxx', 'hAGIAx'], ['ab']],
  ['plain|wide|contains: ab', ['xa\0b\0x'], ['ab']],
  // numbers and times
  ['plain|gt: 5', [6, '6', 5.5], [5, '5', 'x6', '6x', null, undefined]],
  ['plain|gte: 5', [5, '5'], [4.9]],
  ['plain|lt: 5', [4, '-1'], [5, '', undefined, {}]],
  ['plain|lte: 5', [5], [5.1]],
  [
    'plain|hour: 3',
    ['2026-01-02T03:59:00Z', '2026-01-02T05:04:00+02:00'],
    ['2026-01-02T04:00:00Z', 'x', undefined],
  ],
  ['plain|hour: [2, 3]', ['2026-01-02T02:00:00Z'], ['2026-01-02T04:00:00Z']],
  ['plain|minute|gt: 7', ['2026-01-02T03:08:00Z'], ['2026-01-02T03:07:00Z']],
  ['plain|day|lt: 9', ['2026-01-08T03:08:00Z'], ['2026-01-09T03:07:00Z']],
  ['plain|week: 1', ['2026-01-02T03:08:00Z'], ['2026-01-05T03:07:00Z']],
  ['plain|month|gte: 2', ['2026-02-02T03:08:00Z'], ['2026-01-05T03:07:00Z']],
  ['plain|year|lte: 2025', ['2025-02-02T03:08:00Z'], ['2026-01-05T03:07:00Z', undefined]],
  // networks, placeholders
  ['plain|cidr: 10.0.0.0/8', ['10.1.2.3'], ['11.1.2.3', '10.1', undefined]],
  ["plain|cidr: ['10.0.0.0/8', '2001:db8::/32']", ['10.1.2.3', '2001:db8::1'], ['2001:db9::1']],
  ["plain|expand: '%admins%'", ['ROOT', 'adm-ada'], ['ada', '%admins%', undefined]],
  ["plain|expand|contains: '%admins%'", ['x root x', 'adm-'], ['ada']],
  ["plain|contains|expand: '%admins%'", ['x root x', 'x adm- x'], ['ada']],
  ["plain|expand: 'x-%one%-%admins%'", ['x-1-root', 'x-1-adm-b'], ['x-1-', 'x-root']],
  ["plain|expand: '\\%plain-%one%'", ['%plain-1'], ['plain-1', '\\%plain-1']],
  ["plain|expand|cidr: '%nets%'", ['10.9.9.9', '192.0.2.1'], ['192.0.3.1']],
  ["plain: '%admins%'", ['%admins%'], ['root']],
]

describe('what a detection item asks of a field', () => {
  it.each(PLAIN)('%s', async (item, hits, misses) => {
    const records = [...hits, ...misses].map((value) => (value === undefined ? {} : { plain: value }))
    expect(await met(selection(item), records)).toEqual([...hits.map(() => true), ...misses.map(() => false)])
    const negated = await met(rule(`  sel:\n    ${item}\n  condition: not sel`), records)
    expect(negated).toEqual([...hits.map(() => false), ...misses.map(() => true)])
  })
})

const WITHIN: readonly Row[] = [
  // Of a field that nobody mapped it is not known whether it holds a list: any text within may meet.
  ['free: Abc', ['ABC', ['x', 'abc'], [{ name: 'Abc' }]], ['ab', ['ab', 'c'], undefined, { abc: 'x' }]],
  ['free: 5', [5, '5', [4, 5]], [[4], 55]],
  ['free: true', [true, ['true']], [false]],
  ['free|contains: b', ['abc', [['x'], ['B']], { a: { b: 'xbx' } }], ['x', { b: 'x' }]],
  ['free|contains|all: [a, b]', [['a', 'b'], 'ab'], ['a', ['a']]],
  ['free|gt: 5', [6, [1, 7]], [5, [1, 2]]],
  ['free|cidr: 10.0.0.0/8', [['1.1.1.1', '10.0.0.1']], ['1.1.1.1']],
  ['free|re: ^a', [['b', 'ab']], ['ba']],
  ['free: null', [null, undefined], ['', [], {}]],
  ['free|exists: true', [null, [], ''], [undefined]],
  ["free: ''", ['', ['x', '']], ['x', [], undefined]],
  ["free|contains: '*'", ['', [], {}, false], [null, undefined]],
]

describe('a field that may be a list or an object', () => {
  it.each(WITHIN)('%s', async (item, hits, misses) => {
    const records = [...hits, ...misses].map((value) => (value === undefined ? {} : { free: value }))
    expect(await met(selection(item), records)).toEqual([...hits.map(() => true), ...misses.map(() => false)])
  })
})

/** Whole detections, records that meet them and records that do not. */
const DETECTIONS: readonly (readonly [string, string, readonly JsonObject[], readonly JsonObject[]])[] = [
  [
    'a folded field loses case, dash and full stop',
    "  sel:\n    user: 'Ada\u2013Lovelace.'\n  condition: sel",
    [{ user: 'ada-lovelace' }],
    [{ user: 'ada lovelace' }],
  ],
  [
    'a piece of a folded text may be its end',
    "  sel:\n    user|contains: 'B.'\n  condition: sel",
    [{ user: 'ab' }, { user: 'ab.c' }],
    [{ user: 'abc' }],
  ],
  [
    'a beginning of a folded text may be all of it',
    "  sel:\n    user|startswith: 'B.'\n  condition: sel",
    [{ user: 'b' }, { user: 'b.c' }],
    [{ user: 'bc' }],
  ],
  [
    'case is asked of the record',
    '  sel:\n    action|cased: Add\n  condition: sel',
    [{ action: 'Add' }],
    [{ action: 'add' }],
  ],
  [
    'a pattern is asked of the record',
    '  sel:\n    action|re: ^A\n  condition: sel',
    [{ action: 'Add' }],
    [{ action: 'add' }],
  ],
  [
    'a field at either of two places',
    '  sel:\n    either: x\n  condition: sel',
    [{ left: 'X' }, { right: 'x' }],
    [{ left: 'y', right: 'z' }, {}],
  ],
  [
    'absent only where at none of its places',
    '  sel:\n    either: null\n  condition: sel',
    [{}, { left: null }],
    [{ left: 'x' }, { right: '' }],
  ],
  [
    'all values, each at any place',
    '  sel:\n    either|contains|all: [a, b]\n  condition: sel',
    [{ left: 'a', right: 'b' }, { left: 'ab' }],
    [{ left: 'a' }],
  ],
  [
    'a value in the words of the provider',
    '  sel:\n    status: success\n  condition: sel',
    [{ status: 'OK' }, { status: 0 }, { status: '0' }],
    [{ status: 'success' }, { status: 1 }],
  ],
  [
    'a value that is a condition',
    '  sel:\n    status: [odd, x]\n  condition: sel',
    [{ n: 8 }, { status: 'x' }],
    [{ n: 7 }],
  ],
  [
    'mapped within its wildcards',
    '  sel:\n    status|contains: Success\n  condition: sel',
    [{ status: 'it is ok' }, { status: 100 }],
    [{ status: 'success' }],
  ],
  [
    'a field against another',
    '  sel:\n    plain|fieldref: other\n  condition: sel',
    [
      { plain: 'A', other: 'a' },
      { plain: 5, other: '5' },
    ],
    [{ plain: 'a', other: 'b' }, { plain: 'a' }, {}, { plain: null, other: null }],
  ],
  [
    'a field that is not another',
    '  sel:\n    plain|fieldref|neq: other\n  condition: sel',
    [{ plain: 'a', other: 'b' }, { plain: 'a' }, {}],
    [{ plain: 'A', other: 'a' }],
  ],
  [
    'a field beginning with another',
    '  sel:\n    plain|fieldref|startswith: other\n  condition: sel',
    [{ plain: 'Abc', other: 'ab' }],
    [{ plain: 'ab', other: 'abc' }, {}],
  ],
  [
    'the same, said the other way round',
    '  sel:\n    plain|startswith|fieldref: other\n  condition: sel',
    [{ plain: 'Abc', other: 'ab' }],
    [{ plain: 'ab', other: 'abc' }],
  ],
  [
    'a field ending with another',
    '  sel:\n    plain|fieldref|endswith: other\n  condition: sel',
    [{ plain: 'Abc', other: 'BC' }],
    [{ plain: 'abc', other: 'ab' }],
  ],
  [
    'a field holding another, case counting',
    '  sel:\n    plain|fieldref|contains|cased: other\n  condition: sel',
    [{ plain: 'aBc', other: 'B' }],
    [{ plain: 'abc', other: 'B' }],
  ],
  [
    'keywords anywhere in the record',
    '  kw:\n    - Evil\n    - b*d\n  condition: kw',
    [{ a: 'is EVIL' }, { a: { b: ['xbcdx'] } }],
    [{ evil: 'x' }, { a: 'ev', b: 'il' }, {}],
  ],
  [
    'a keyword that is a number',
    '  kw:\n    - 4625\n  condition: kw',
    [{ a: 4625 }, { a: 'x4625' }],
    [{ a: 462 }],
  ],
  ['one keyword, not in a list', '  kw: evil\n  condition: kw', [{ a: 'Evil' }], [{ a: 'x' }]],
  [
    'all keywords',
    "  kw:\n    '|all':\n      - one\n      - two\n  condition: kw",
    [{ a: 'one', b: 'TWO' }],
    [{ a: 'one' }],
  ],
  [
    'a keyword that is a pattern',
    "  kw:\n    '|re': ^e.il$\n  condition: kw",
    [{ a: ['evil'] }],
    [{ a: 'Evil' }, { a: 'xevil' }],
  ],
  [
    'keywords with case',
    "  kw:\n    '|cased':\n      - Evil\n  condition: kw",
    [{ a: 'is Evil' }],
    [{ a: 'evil' }],
  ],
  [
    'keywords out of placeholders',
    "  kw:\n    '|expand': '%admins%'\n  condition: kw",
    [{ a: 'the root user' }],
    [{ a: 'ada' }],
  ],
  [
    'maps in a list are alternatives',
    '  sel:\n    - plain: a\n      user: u\n    - plain: b\n  condition: sel',
    [{ plain: 'a', user: 'u' }, { plain: 'b' }],
    [{ plain: 'a' }, {}],
  ],
  [
    'maps and keywords in one list',
    '  sel:\n    - plain: a\n    - evil\n  condition: sel',
    [{ plain: 'a' }, { x: 'evil' }],
    [{ plain: 'b' }],
  ],
  [
    'a map joins its fields by and',
    '  sel:\n    plain: a\n    user: u\n  condition: sel',
    [{ plain: 'a', user: 'u' }],
    [{ plain: 'a' }, { user: 'u' }],
  ],
]

describe('whole detections', () => {
  it.each(DETECTIONS)('%s', async (_name, detection, hits, misses) => {
    expect(await met(rule(detection), [...hits, ...misses])).toEqual([
      ...hits.map(() => true),
      ...misses.map(() => false),
    ])
  })
})
