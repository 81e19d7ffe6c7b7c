import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addressOf } from '../src/address.ts'
import { armIdOf } from '../src/arm.ts'
import { decoded } from '../src/decoded.ts'
import { fold, parseTime } from '../src/index.ts'

describe('parseTime', () => {
  const at = Date.UTC(2026, 0, 2, 3, 4, 5)

  test.each([
    ['2026-01-02T03:04:05Z', at],
    ['2026-01-02T03:04:05.1Z', at + 100],
    ['2026-01-02T03:04:05.12Z', at + 120],
    ['2026-01-02T03:04:05.1234567Z', at + 123],
    ['2026-01-02T03:04:05.123456789Z', at + 123],
    ['2026-01-02T03:04:05', at],
    ['2026-01-02T03:04:05.9999999', at + 999],
    ['2026-01-02 03:04:05.456', at + 456],
    ['2026-01-02T03:04:05+00:00', at],
    ['2026-01-02T05:04:05.5+02:00', at + 500],
    ['2026-01-01T22:04:05-0500', at],
    ['2026-01-02T3:04:05Z', at],
    ['2026-01-02t03:04:05z', at],
    ['2026-01-02', Date.UTC(2026, 0, 2)],
    ['01/02/2026 03:04:05', at],
    ['1/2/2026 3:04:05 AM', at],
    ['1/2/2026 3:04:05 PM', at + 12 * 3_600_000],
    ['1/2/2026 12:04:05 AM', at - 3 * 3_600_000],
    ['1/2/2026 12:04:05 PM', at + 9 * 3_600_000],
    ['1/2/2026 5:04:05 AM +02:00', at],
    [' 2026-01-02T03:04:05Z ', at],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
    ['2016-12-31T23:59:60Z', Date.UTC(2017, 0, 1)],
    [at, at],
    [at / 1000, at],
    [at * 1000, at],
    [at * 1e6, at],
    [String(at), at],
    [String(at / 1000), at],
  ])('%s', (value, expected) => {
    expect(parseTime(value)).toBe(expected)
  })

  test.each([
    ['', null, undefined, 0, -1, Number.NaN, Number.POSITIVE_INFINITY, true, {}, []],
    ['soon', '2026', '12', '2026-13-01T00:00:00Z', '2026-02-29T00:00:00Z', '2026-04-31', '2026-00-01'],
    ['2026-01-02T24:00:00Z', '2026-01-02T03:60:00Z', '2026-01-02T03:04:61Z', '2026-01-02T03:04:05.Z'],
    ['13/01/2026 00:00:00', '1/2/2026 13:00:00 PM', '1/2/2026 0:00:00 AM', '2026-01-02T03:04:05.xZ'],
  ])('no time: %s %s %s …', (...values) => {
    for (const value of values) expect(parseTime(value)).toBeUndefined()
  })

  test('reads back every instant that a date can be', () => {
    const day = 86_400_000
    fc.assert(
      fc.property(fc.integer({ min: -25_000 * day, max: 50_000 * day }), (ms) => {
        expect(parseTime(new Date(ms).toISOString())).toBe(ms)
      }),
    )
  })
})

describe('fold', () => {
  test.each([
    ['Add member to role.', 'add member to role'],
    [
      'Update application \u2013 Certificates and secrets management ',
      'update application - certificates and secrets management',
    ],
    [
      'Update application - Certificates and secrets management',
      'update application - certificates and secrets management',
    ],
    ['  Many   spaces\tand\u00a0others  ', 'many spaces and others'],
    [
      'MICROSOFT.STORAGE/STORAGEACCOUNTS/LISTKEYS/ACTION',
      'microsoft.storage/storageaccounts/listkeys/action',
    ],
    ['already folded', 'already folded'],
    ['ends. . .', 'ends'],
    ['\u00c4NDERN', '\u00e4ndern'],
    ['...', ''],
    ['', ''],
  ])('%s', (text, expected) => {
    expect(fold(text)).toBe(expected)
  })

  test('folding twice changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        expect(fold(fold(text))).toBe(fold(text))
      }),
    )
  })
})

describe('addressOf', () => {
  test.each([
    ['198.51.100.7', '198.51.100.7', undefined],
    ['198.51.100.7:443', '198.51.100.7', 443],
    ['198.51.100.0/24', '198.51.100.0', undefined],
    ['2001:db8::1', '2001:db8::1', undefined],
    ['2001:0DB8:0:0::0001', '2001:db8::1', undefined],
    ['[2001:db8::1]', '2001:db8::1', undefined],
    ['[2001:db8::1]:50123', '2001:db8::1', 50_123],
    ['2001:db8::/32', '2001:db8::', undefined],
    ['fe80::1%eth0', 'fe80::1', undefined],
    ['::ffff:198.51.100.7', '198.51.100.7', undefined],
    ['::FFFF:c633:6407', '198.51.100.7', undefined],
    ['[::ffff:198.51.100.7]:443', '198.51.100.7', 443],
    [' 198.51.100.7 ', '198.51.100.7', undefined],
  ])('%s', (text, ip, port) => {
    expect(addressOf(text)).toEqual({ ip, port })
  })

  test.each([
    '',
    'AWS Internal',
    'ec2.amazonaws.com',
    '198.51.100',
    '198.51.100.256',
    '198.051.100.7',
    '1.2.3.4.5',
    '2001:db8::1::2',
    'a:b',
    '12:30',
    '[]',
    '[x]:1',
    ':',
  ])('no address: %s', (text) => {
    expect(addressOf(text).ip).toBeUndefined()
  })

  test('any IPv6 address has one spelling, whatever goes in', () => {
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        const { ip } = addressOf(text)
        expect(addressOf(ip ?? '').ip).toBe(ip)
        expect(addressOf(text.toUpperCase()).ip).toBe(ip)
      }),
    )
  })
})

describe('armIdOf', () => {
  test('takes a nested resource apart', () => {
    expect(
      armIdOf('/SUBSCRIPTIONS/S-1/resourceGroups/RG/providers/Microsoft.Sql/servers/One/databases/Two'),
    ).toEqual({
      subscription: 's-1',
      group: 'rg',
      type: 'microsoft.sql/servers/databases',
      name: 'two',
      tenant: undefined,
    })
  })

  test('takes a tenant service apart', () => {
    expect(armIdOf('/tenants/T-1/providers/Microsoft.aadiam')).toMatchObject({
      tenant: 't-1',
      type: 'microsoft.aadiam',
    })
  })
})

describe('decoded', () => {
  test.each([
    ['"Global Administrator"', 'Global Administrator'],
    ['["Global Administrator"]', 'Global Administrator'],
    ['["a","b"]', ['a', 'b']],
    ['Global Administrator', 'Global Administrator'],
    ['true', 'true'],
    ['[{"a":1}]', '[{"a":1}]'],
    ['""', undefined],
    ['[]', undefined],
    ['null', undefined],
    [null, undefined],
    ['', undefined],
  ])('%s', (value, expected) => {
    expect(decoded(value)).toEqual(expected)
  })
})
