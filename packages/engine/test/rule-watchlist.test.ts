import fc from 'fast-check'
import ipaddr from 'ipaddr.js'
import { describe, expect, it } from 'vitest'
import { watchlistOf } from '../src/rule/watchlist.ts'
import { errorsOf, GOOD, type Json, load, test, told } from './rule-fixtures.ts'

const USING: Json = { ...GOOD, conditions: test('source.ip', 'inList', 'l') }

/** The list of that name as a rule that names it has it. */
function listFrom(files: Readonly<Record<string, Json | string>>) {
  const set = load({ ...files, 'r.json': USING })
  expect(errorsOf(set)).toEqual([])
  return set.rules[0]!.lists!.get('l')!
}

// File, content, what is in the list, what is not.
const READ: readonly (readonly [string, string, readonly unknown[], readonly unknown[]])[] = [
  [
    'l.list.json',
    '["a", 7, true, "10.0.0.0/8"]',
    ['a', 7, '7', true, '10.9.9.9'],
    ['A', 'b', 8, null, undefined],
  ],
  [
    'deep/in/l.list.json',
    '{ "entries": ["Ada", "2001:db8::/32"], "fold": true }',
    ['ada', 'ADA', '2001:DB8::7'],
    ['x'],
  ],
  [
    'l.list.csv',
    'a,one\n b ,two\r\n\n"c,d",three\n"say ""hi""\nyou"',
    ['a', 'b', 'c,d', 'say "hi"\nyou'],
    ['one', '', ' b '],
  ],
  [
    'l.list.csv',
    '\ufeff# a feed\n203.0.113.7\n# the end\n',
    ['203.0.113.7', '::ffff:203.0.113.7'],
    ['# a feed', '203.0.113.8'],
  ],
  [
    'l.list.csv',
    '# weir: column=ip address, fold\nwhen, ip address ,who\n2026-01-02,198.51.100.0/24,x\n# no\n2026-01-03,Evil.example\n2026-01-04\n',
    ['198.51.100.200', 'evil.EXAMPLE'],
    ['ip address', 'x', '2026-01-02', ''],
  ],
  [
    'l.list.csv',
    '10.0.0.0/33\n10.0.0\n010.0.0.1\nfe80::/129',
    ['10.0.0.0/33', '10.0.0', 'fe80::/129'],
    ['10.0.0.0', 'fe80::1'],
  ],
  ['l.list.json', '[]', [], ['', undefined]],
]

// File, content, what is told.
const REFUSED: readonly (readonly [string, string, RegExp])[] = [
  ['l.list.json', '["a",\n  oops]', /^l\.list\.json:2:3 json this list is no JSON/],
  ['l.list.json', '{ "values": ["a"] }', /type a list is a JSON list, or/],
  ['l.list.json', '["a", ["b"]]', /value entry 2 is neither text, number nor boolean/],
  ['l.list.json', '["a", null]', /value entry 2 is/],
  ['l.list.csv', 'a,b\n"c,d\ne\n', /^l\.list\.csv:2:1 value a quote is never closed/],
  ['l.list.csv', '# weir: colum=ip\nip\n', /value behind "# weir:" may stand column=NAME/],
  ['l.list.csv', '# weir: column=ip\nwhen,address\n1,2\n', /value no column has the header "ip"/],
]

describe('a watchlist', () => {
  it.each(READ)('is read from %s: %j', (path, text, hits, misses) => {
    const list = listFrom({ [path]: text })
    expect(hits.filter((each) => !list(each))).toEqual([])
    expect(misses.filter((each) => list(each))).toEqual([])
  })

  it.each(REFUSED)('is refused: %s %j', (path, text, words) => {
    const set = load({ [path]: text, 'r.json': USING })
    expect(told(set)[0]).toMatch(words)
    expect(told(set)[1]).toMatch(/unknown-list unknown list, or one that did not load, "l"/)
    expect(set.rules).toEqual([])
  })

  it('has one file', () => {
    const set = load({ 'a/l.list.csv': 'a', 'b/l.list.json': '["b"]', 'r.json': USING })
    expect(told(set)).toEqual(['b/l.list.json:1:1 duplicate-id there is already a list "l"'])
  })

  it('with more entries than its bound is refused', () => {
    const set = load({ 'l.list.csv': 'a\n'.repeat(2_000_001), 'r.json': USING })
    expect(told(set)[0]).toBe('l.list.csv:1:1 value more than 2000000 entries: split the list')
  })

  it('is part of the set and never of what a rule detects', () => {
    const of = (list: string) => load({ 'l.list.csv': list, 'r.json': USING })
    const [one, same, other] = [of('a\nb'), of('a\nb'), of('a\nc')]
    expect(same.hash).toBe(one.hash)
    expect(other.hash).not.toBe(one.hash)
    expect(other.rules[0]!.hash).toBe(one.rules[0]!.hash)
  })

  it('finds addresses as a scan of its networks does', () => {
    const octet = fc.constantFrom(0, 1, 10, 127, 128, 255)
    const four = fc.tuple(octet, octet, octet, octet).map((parts) => parts.join('.'))
    const group = fc.constantFrom('0', '1', 'db8', '8000', 'ffff')
    const six = fc.array(group, { minLength: 8, maxLength: 8 }).map((groups) => groups.join(':'))
    const network = fc.oneof(
      fc.tuple(four, fc.nat(32)).map(([address, bits]) => `${address}/${bits}`),
      fc.tuple(six, fc.nat(128)).map(([address, bits]) => `${address}/${bits}`),
      four,
      six,
    )
    const networks = fc.array(network, { maxLength: 12 })
    fc.assert(
      fc.property(
        networks,
        fc.array(fc.oneof(four, six), { minLength: 20, maxLength: 20 }),
        (entries, facts) => {
          const list = watchlistOf('l', { entries, fold: false })
          for (const fact of facts)
            expect([fact, list(fact)]).toEqual([fact, entries.some((entry) => isWithin(fact, entry))])
        },
      ),
      { seed: 20260102, numRuns: 500 },
    )
  })
})

function isWithin(text: string, entry: string): boolean {
  const address = ipaddr.process(text)
  const whole = entry.includes('/') ? entry : `${entry}/${entry.includes(':') ? 128 : 32}`
  const [base, bits] = ipaddr.parseCIDR(whole)
  if (address.kind() !== base.kind()) return false
  return address.kind() === 'ipv4'
    ? (address as ipaddr.IPv4).match(base as ipaddr.IPv4, bits)
    : (address as ipaddr.IPv6).match(base as ipaddr.IPv6, bits)
}
