import { describe, expect, it } from 'vitest'
import { GOOD, type Json, load } from './rule-fixtures.ts'

const ip = (operator: string, value: unknown): Json => ({ fact: 'source.ip', operator, value })
const code = (operator: string, value: unknown): Json => ({
  fact: 'record',
  path: '$.properties.status.errorCode',
  operator,
  value,
})

/** What is said of conditions, each with its line in a file where every test stands on one. */
function reached(conditions: Json): readonly string[] {
  const tests = JSON.stringify(conditions).replaceAll('{"fact"', '\n{"fact"')
  const text = JSON.stringify({ ...GOOD, conditions: 0 }).replace('"conditions":0', `"conditions":${tests}`)
  return load({ 'a.json': text }).problems.map(({ code, line, severity, message }) => {
    expect([code, severity]).toEqual(['unreachable', 'warning'])
    return `${line} ${message}`
  })
}

describe('tests that can never hold together', () => {
  it.each<[string, Json, string]>([
    ['two values of one fact', { all: [ip('equal', 'a'), ip('equal', 'b')] }, 'source.ip equal "a"'],
    ['a value that the list lacks', { all: [ip('equal', 'a'), ip('in', ['b', 'c'])] }, 'source.ip equal "a"'],
    ['a value and its opposite', { all: [ip('equal', 'a'), ip('notEqual', 'a')] }, 'source.ip equal "a"'],
    ['all values of a list taken away', { all: [ip('in', ['a', 'b']), ip('notIn', ['b', 'a', 'c'])] }, 'in'],
    ['nothing there, and a value', { all: [ip('exists', false), ip('equal', 'a')] }, 'exists false'],
    [
      'nothing there, and a network',
      { all: [ip('exists', false), ip('cidr', '10.0.0.0/8')] },
      'exists false',
    ],
    ['null, and something there', { all: [ip('equal', null), ip('exists', true)] }, 'equal null'],
    ['a value that the text refutes', { all: [ip('equal', 'abc'), ip('startsWith', 'b')] }, 'equal "abc"'],
    ['a value beside its folded self', { all: [ip('equal', 'A'), ip('not:fold:equal', 'a')] }, 'equal "A"'],
    ['bounds the wrong way round', { all: [code('greaterThan', 5), code('lessThan', 4)] }, 'greaterThan 5'],
    ['bounds with nothing between', { all: [code('greaterThan', 5), code('lessThanInclusive', 5)] }, '5'],
    ['a value out of bounds', { all: [code('equal', 3), code('greaterThan', 5)] }, 'errorCode equal 3'],
    ['all within all', { all: [ip('equal', 'a'), { all: [ip('equal', 'b')] }] }, 'source.ip equal "a"'],
    [
      'a branch against what is outside',
      { all: [ip('equal', 'a'), { any: [ip('equal', 'b')] }] },
      'equal "a"',
    ],
    ['inside a not', { not: { all: [ip('equal', 'a'), ip('equal', 'b')] } }, 'source.ip equal "a"'],
  ])('%s', (_name, conditions, beside) => {
    const [only, ...more] = reached(conditions)
    expect(only).toMatch(/^3 .* can never hold beside /)
    expect(only).toContain(beside)
    expect(more).toEqual([])
  })

  it('an empty list needs no other', () => {
    expect(reached({ all: [ip('in', [])] })).toEqual(['2 source.ip in [] can never hold'])
  })

  it('is told of a named condition in its own file', () => {
    const never = { all: [ip('equal', 'a'), ip('equal', 'b')] }
    const files = {
      'a.conditions.json': { never },
      'r.json': { ...GOOD, conditions: { condition: 'never' } },
    }
    const [only, ...more] = load(files).problems
    expect([only!.file, only!.code, more]).toEqual(['a.conditions.json', 'unreachable', []])
  })

  it('is told once, where it becomes so', () => {
    const told = reached({ all: [ip('equal', 'a'), ip('equal', 'b'), ip('equal', 'c')] })
    expect(told).toEqual(['3 source.ip equal "b" can never hold beside source.ip equal "a"'])
  })

  it.each<[string, Json]>([
    ['other facts', { all: [ip('equal', 'a'), code('equal', 1)] }],
    ['other paths', { all: [code('equal', 1), { ...code('equal', 2), path: '$.resultType' }] }],
    ['in any', { any: [ip('equal', 'a'), ip('equal', 'b')] }],
    ['branches of their own', { any: [{ all: [ip('equal', 'a')] }, { all: [ip('equal', 'b')] }] }],
    ['a value that the list has', { all: [ip('equal', 'a'), ip('in', ['b', 'a'])] }],
    ['one value left of two', { all: [ip('in', ['a', 'b']), ip('notEqual', 'a')] }],
    ['nothing there, and not a value', { all: [ip('exists', false), ip('notEqual', 'a')] }],
    ['bounds that meet', { all: [code('greaterThanInclusive', 5), code('lessThanInclusive', 5)] }],
    ['a filter that is spare', { all: [ip('equal', 'a'), { not: ip('equal', 'b') }] }],
    ['another fact', { all: [ip('equal', 'a'), ip('equal', { fact: 'user.name' })] }],
    ['entries of a list', { all: [ip('someFact:equal', 'a'), ip('someFact:equal', 'b')] }],
  ])('%s: not told', (_name, conditions) => {
    expect(reached(conditions)).toEqual([])
  })
})

describe('branches that add nothing', () => {
  it.each<[string, Json, number]>([
    ['the same again', { any: [ip('equal', 'a'), ip('equal', 'a')] }, 3],
    ['a value of a list', { any: [ip('equal', 'a'), ip('in', ['a', 'b'])] }, 2],
    ['a value that another test takes in', { any: [ip('startsWith', 'a'), ip('equal', 'abc')] }, 3],
    ['a longer beginning', { any: [ip('startsWith', 'abc'), ip('startsWith', 'ab')] }, 2],
    ['a longer end', { any: [ip('endsWith', 'abc'), ip('endsWith', 'bc')] }, 2],
    ['a text in a beginning', { any: [ip('containsText', 'b'), ip('startsWith', 'abc')] }, 3],
    ['a folded text', { any: [ip('fold:containsText', 'ABC'), ip('fold:containsText', 'b')] }, 2],
    ['more asked for', { any: [{ all: [ip('equal', 'a'), code('equal', 1)] }, ip('equal', 'a')] }, 1],
  ])('%s', (_name, conditions, line) => {
    expect(reached(conditions)).toEqual([
      expect.stringMatching(new RegExp(`^${line} this branch adds nothing`)),
    ])
  })

  it.each<[string, Json]>([
    ['other values', { any: [ip('in', ['a', 'b']), ip('in', ['b', 'c'])] }],
    ['a beginning and an end', { any: [ip('startsWith', 'abc'), ip('endsWith', 'abc')] }],
    ['case', { any: [ip('containsText', 'abc'), ip('fold:containsText', 'abcd')] }],
    [
      'each asks for something else',
      { any: [{ all: [ip('equal', 'a'), code('equal', 1)] }, { all: [ip('equal', 'a'), code('equal', 2)] }] },
    ],
    ['a not', { any: [ip('equal', 'a'), { not: ip('equal', 'a') }] }],
  ])('%s: not told', (_name, conditions) => {
    expect(reached(conditions)).toEqual([])
  })
})

describe('ATT&CK techniques', () => {
  it.each([
    [['T1110', 'T1110.003', 'T1562.008', 'T1685.002', 'T1686.001'], []],
    [
      ['T1110.013'],
      ['T1110.013 is not in ATT&CK Enterprise 18.1: mistyped, withdrawn, or newer than the list'],
    ],
    [
      ['T1086', 'T9999'],
      [
        'T1086 is not in ATT&CK Enterprise 18.1: mistyped, withdrawn, or newer than the list',
        'T9999 is not in ATT&CK Enterprise 18.1: mistyped, withdrawn, or newer than the list',
      ],
    ],
  ])('%j', (attack, expected) => {
    const { problems, rules } = load({ 'a.json': { ...GOOD, attack } })
    expect(problems.map((each) => each.message)).toEqual(expected)
    expect(problems.every((each) => each.severity === 'warning' && each.code === 'unknown-technique')).toBe(
      true,
    )
    expect(rules.length).toBe(1)
  })
})
