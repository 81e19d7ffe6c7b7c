import type { AlertV1 } from '@weir/contract'
import { alertV1 } from '@weir/contract'
import { Secret } from '@weir/runtime'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cefLine } from '../src/formats/cef.ts'
import { elasticLines } from '../src/formats/elastic.ts'
import { hecEvent } from '../src/formats/hec.ts'
import { jsonLine } from '../src/formats/json-line.ts'
import { kafkaRecord, packRecord } from '../src/formats/kafka-record.ts'
import { leefLine } from '../src/formats/leef.ts'
import { logsIngestionRow } from '../src/formats/logs-ingestion-row.ts'
import type { Redaction } from '../src/shape/config.ts'
import { redacted } from '../src/shape/redact.ts'
import { makeAlert, member } from './support/alert.ts'
import { makeRichAlert } from './support/rich-alert.ts'

const KEY = new Secret('a-key-of-sufficient-length')

function masked(alert: AlertV1, ...paths: string[]): AlertV1 {
  return redacted(
    alert,
    paths.map((path) => ({ path })),
  )
}

test('a value is replaced at its path and wherever else it stands', () => {
  const alert = makeRichAlert({
    message: 'Kim@Example.org failed from 203.0.113.9',
    weir: {
      group: { 'user.name': 'kim@example.org', 'source.ip': '203.0.113.9' },
      events: [
        {
          ...member('sign-in of kim@example.org', '2026-03-01T10:00:00.000Z'),
          position: { source: 'blobs', partition: 'users/kim@example.org', at: '7', index: 0 },
        },
      ],
    },
  })
  const shaped = masked(alert, 'user.name')
  expect(shaped.message).toBe('[redacted] failed from 203.0.113.9')
  expect(shaped.user).toEqual({
    name: '[redacted]',
    id: '7d1c',
    email: '[redacted]',
    target: { name: 'root@example.org' },
  })
  expect(shaped.related).toMatchObject({ user: ['[redacted]', '7d1c'] })
  expect(shaped.weir.alert.group).toEqual({ 'user.name': '[redacted]', 'source.ip': '203.0.113.9' })
  expect(shaped.weir.alert.events[0]).toMatchObject({
    id: 'sign-in of [redacted]',
    position: { partition: 'users/[redacted]' },
  })
  expect(JSON.stringify(shaped)).not.toMatch(/kim@example/i)
})

test('what identifies an alert and the words of its rule stay, whatever they hold', () => {
  const alert = makeRichAlert({ id: 'kimberley', extra: { user: { name: 'spray' }, tags: ['spray'] } })
  const { '@timestamp': at, event, rule, threat, tags, weir } = masked(alert, 'user.name', 'source')
  expect({ at, event, rule, threat, tags, weir: { ...weir.alert, group: {} } }).toEqual({
    at: alert['@timestamp'],
    event: alert.event,
    rule: alert.rule,
    threat: alert.threat,
    tags: alert.tags,
    weir: { ...alert.weir.alert, group: {} },
  })
})

test.each([
  ['a mask of its own', { with: 'XXX' }, 'XXX'],
  ['the mask', {}, '[redacted]'],
  ['a hash', { hash: KEY }, '511bcf7d72b46444'],
])('a name becomes %s', (_, how, expected) => {
  const alert = makeAlert({ extra: { user: { name: 'Kim' } }, message: 'by kim' })
  const { user, message } = redacted(alert, [{ path: 'user.name', ...how }])
  expect([user, message]).toEqual([{ name: expected }, `by ${expected}`])
})

test('the same value has the same hash in every alert, and another under another key', () => {
  const hashes = [KEY, KEY, new Secret('another-key-of-good-length')].map((hash, index) => {
    const alert = makeAlert({ id: `a-${index}`, extra: { user: { name: index === 1 ? 'KIM' : 'kim' } } })
    return redacted(alert, [{ path: 'user.name', hash }]).user!['name']
  })
  expect(hashes[0]).toBe(hashes[1])
  expect(hashes[0]).not.toBe(hashes[2])
})

describe('addresses and numbers', () => {
  test('a masked address is taken out where an address is expected, and masked in texts', () => {
    const shaped = masked(makeRichAlert(), 'source.ip')
    expect(shaped.source).not.toHaveProperty('ip')
    expect(shaped.related).toMatchObject({ ip: ['2001:db8::1'] })
    expect(shaped.message).toBe('[redacted] tried 12 accounts')
    expect(shaped.weir.alert.group).toEqual({ 'source.ip': '[redacted]' })
  })

  test('a hashed address is an address that nobody has', () => {
    const shaped = redacted(makeRichAlert(), [{ path: 'source.ip', hash: KEY }])
    const ip = String(shaped.source!['ip'])
    expect(ip).toMatch(/^fd[0-9a-f]{2}(:[0-9a-f]{4}){7}$/)
    expect(shaped.related).toMatchObject({ ip: [ip, '2001:db8::1'] })
    expect(shaped.message).toBe(`${ip} tried 12 accounts`)
  })

  test('a number is taken out', () => {
    expect(masked(makeRichAlert(), 'source.port', 'source.as').source).toEqual({
      ip: '203.0.113.9',
      geo: { country_iso_code: 'NL' },
      as: {},
    })
  })

  test.each([
    ['203.0.113.91 and 1203.0.113.9', '203.0.113.91 and 1203.0.113.9'],
    ['203.0.113.9:443, 203.0.113.9.', '[redacted]:443, [redacted].'],
    ['::ffff:203.0.113.9', '::ffff:[redacted]'],
  ])('of %s is left %s', (message, left) => {
    expect(masked(makeRichAlert({ message }), 'source.ip').message).toBe(left)
  })

  test.each([
    ['2001:db8::12, 12001:db8::1 and 2001:db8::1a', '2001:db8::12, 12001:db8::1 and 2001:db8::1a'],
    ['[2001:db8::1]:443 or 2001:db8::1:443', '[[redacted]]:443 or [redacted]:443'],
    ['ip:2001:DB8::1.', 'ip:[redacted].'],
    ['peer=2001%3adb8%3A%3a1', 'peer=[redacted]'],
  ])('of %s is left %s', (message, left) => {
    expect(masked(makeRichAlert({ message }), 'destination.ip').message).toBe(left)
  })
})

test.each([
  [
    'short names are words of their own',
    'al',
    'al fell, so did Al@home, not alice or alé',
    '[redacted] fell, so did [redacted]@home, not alice or alé',
  ],
  ['longer ones hide within words', 'alice', 'malicealice', 'm[redacted][redacted]'],
  ['one that another begins with', 'alice', 'alice.b', '[redacted].b'],
  ['within JSON', 'CORP\\kim', 'by {"user":"CORP\\\\KIM"}', 'by {"user":"[redacted]"}'],
  [
    'within a URL',
    'kim lee@example.org',
    '?a=kim%20lee%40example.org&b=Kim%20Lee@example.org',
    '?a=[redacted]&b=[redacted]',
  ],
  ['within a form', 'kim lee@example.org', '?a=kim+lee%40example.org', '?a=[redacted]'],
  ['signs of expressions', 'a.b*c(d', 'a.b*c(d axb*c(d', '[redacted] axb*c(d'],
])('%s', (_, name, message, left) => {
  expect(masked(makeAlert({ extra: { user: { name } }, message }), 'user.name').message).toBe(left)
})

test('of two values the longer one goes first', () => {
  const alert = makeAlert({ extra: { user: { name: 'kimberley', id: 'kimb' } }, message: 'kimberley' })
  const { message } = redacted(alert, [
    { path: 'user.id', with: 'ID' },
    { path: 'user.name', with: 'NAME' },
  ])
  expect(message).toBe('NAME')
})

test('an id that is a number is hidden as a number and as a text; a port is not looked for elsewhere', () => {
  const alert = makeAlert({
    message: '4711 came from port 443, 443 times',
    extra: { user: { id: 4711 }, source: { port: 443 }, related: { user: ['4711'] } },
    weir: { group: { 'user.id': 4711, 'source.port': 443 } },
  })
  const { message, user, source, related, weir } = masked(alert, 'user.id', 'source.port')
  expect({ message, user, source, related, group: weir.alert.group }).toEqual({
    message: '[redacted] came from port 443, 443 times',
    user: { id: '[redacted]' },
    source: {},
    related: { user: ['[redacted]'] },
    group: { 'user.id': '[redacted]' },
  })
})

test('where members disagree, every related value that is no other field is hidden', () => {
  const alert = makeAlert({
    message: 'kim, bob and 7d1c',
    extra: { user: { id: '7d1c' }, related: { user: ['kim', 'bob', '7d1c'], ip: ['10.0.0.1'] } },
  })
  const { message, related } = masked(alert, 'user.name')
  expect(message).toBe('[redacted], [redacted] and 7d1c')
  expect(related).toEqual({ user: ['[redacted]', '[redacted]', '7d1c'], ip: ['10.0.0.1'] })
})

test('a field that no member has hides nothing else', () => {
  const alert = makeAlert({ extra: { source: { ip: '203.0.113.9' }, related: { ip: ['203.0.113.9'] } } })
  expect(masked(alert, 'destination.ip')).toEqual(alert)
})

const SHAPES: readonly [string, (alert: AlertV1) => string][] = [
  ['cef', (alert) => cefLine(alert, 100_000)],
  ['json', (alert) => jsonLine(alert).toString()],
  ['ocsf', (alert) => jsonLine(alert, 'ocsf').toString()],
  ['hec', (alert) => hecEvent(alert, { host: 'weir', sourcetype: 'weir:alert' }).toString()],
  ['leef 1.0', (alert) => leefLine(alert, { version: 1 }, 100_000)],
  ['leef 2.0', (alert) => leefLine(alert, { version: 2, delimiter: '^' }, 100_000)],
  ['elastic', (alert) => elasticLines(alert, 'index').toString()],
  ['kafka', (alert) => packRecord(kafkaRecord(alert, 'entity', 'ecs')).toString()],
  ['logs-ingestion', (alert) => JSON.stringify(logsIngestionRow(alert, 'ecs'))],
]

const seed = Number(process.env['WEIR_SEED'] ?? 20_261_124)
const HOW: readonly Omit<Redaction, 'path'>[] = [{}, { hash: KEY }]

describe.each(SHAPES)('in %s', (_, encoded) => {
  test(`no secret of four characters or more is left anywhere (seed ${seed})`, () => {
    fc.assert(
      fc.property(
        secrets(),
        fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 4 }),
        fc.constantFrom(...HOW),
        (secret, words, how) => {
          const paths = ['user', 'related', 'source', 'cloud.account.id', 'user_agent']
          const shaped = redacted(
            alertWith(secret, words),
            paths.map((path) => ({ path, ...how })),
          )
          const written = encoded(shaped).toLowerCase()
          expect(alertV1.safeParse(shaped).success).toBe(true)
          expect(written.includes(secret.toLowerCase())).toBe(false)
          expect(written.includes(JSON.stringify(secret.toLowerCase()).slice(1, -1))).toBe(false)
        },
      ),
      { seed, numRuns: 200 },
    )
  })

  test('and it would be there without the redaction', () => {
    expect(encoded(alertWith('kim.secret', ['by'])).includes('kim.secret')).toBe(true)
  })
})

/** Texts that occur neither in an alert without them nor in what replaces them. */
function secrets() {
  const without = SHAPES.map(([, encoded]) => encoded(alertWith('', [])).toLowerCase()).join('')
  return fc
    .string({ minLength: 4, maxLength: 24, unit: 'grapheme-ascii' })
    .filter((text) => text.trim() === text && text.length >= 4 && !/^[\d\W]+$|^[0-9a-f]{1,16}$/i.test(text))
    .filter((text) => !without.includes(text.toLowerCase()) && !'[redacted]'.includes(text.toLowerCase()))
}

function alertWith(secret: string, words: readonly string[]): AlertV1 {
  const text = words.flatMap((word) => [word, secret]).join(' ')
  return makeRichAlert({
    message: `${secret} ${text}`,
    weir: {
      group: { 'user.name': secret, other: text },
      events: [
        {
          ...member(`e ${secret}`, '2026-03-01T10:00:00.000Z'),
          position: { source: 's', partition: secret, at: text, index: 0 },
        },
      ],
    },
    extra: {
      user: { name: secret, target: { name: text } },
      related: { user: [secret, text], hosts: [`${secret}.local`] },
      cloud: { provider: 'azure', account: { id: secret } },
      user_agent: { original: text },
      source: { ip: secret },
    },
  })
}
