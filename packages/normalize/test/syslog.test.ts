import { describe, expect, test } from 'vitest'
import { unwrap } from '../src/index.ts'

const ARRIVAL = Date.parse('2026-10-12T00:00:00Z')

/** The record of one message, without what every record has. */
function recordOf(text: string | Buffer, more: { zone?: string; arrival?: number } = {}) {
  const bytes = Buffer.from(text)
  const { records, quarantined } = unwrap(bytes, {
    kind: 'syslog',
    extents: [0, bytes.length],
    peer: '192.0.2.1',
    listener: 'source/udp',
    first: 7,
    arrival: ARRIVAL,
    zone: 'UTC',
    ...more,
  })
  expect([records.length, quarantined.length]).toEqual([1, 0])
  return records[0]!
}

const AT = '2026-10-11T22:14:15.000Z'
const FINE = '2026-10-11T22:14:15.003Z'
const COARSE = { peer: '192.0.2.1', number: 'source/udp/7' }
const RANK = { priority: 34, facility: 4, severity: 2 }

describe('RFC 5424', () => {
  const rest = { ...RANK, version: 1, peer: '192.0.2.1' }
  test.each([
    [
      "<34>1 2026-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \uFEFF'su root' failed",
      {
        time: FINE,
        message: "'su root' failed",
        syslog: { ...rest, host: 'mymachine.example.com', app: 'su', id: 'ID47' },
      },
    ],
    [
      "<34>1 2026-10-12T00:14:15.003000+02:00 192.0.2.9 app 8710 - - %% It's time.",
      {
        time: FINE,
        message: "%% It's time.",
        syslog: { ...rest, host: '192.0.2.9', app: 'app', process: '8710' },
      },
    ],
    [
      String.raw`<34>1 2026-10-11T22:14:15.003Z h a - - [one@1 a="x \" \] \\ \n" b=""][two@2 c="1" c="2"] text`,
      {
        time: FINE,
        message: 'text',
        syslog: {
          ...rest,
          host: 'h',
          app: 'a',
          data: { 'one@1': { a: String.raw`x " ] \ \n`, b: '' }, 'two@2': { c: ['1', '2'] } },
        },
      },
    ],
    ['<34>1 - - - - - -', { message: '', syslog: { ...RANK, version: 1, ...COARSE } }],
    [
      '<34>1 - - - - - [a@1] ',
      { message: '', syslog: { ...RANK, version: 1, data: { 'a@1': {} }, ...COARSE } },
    ],
    // Damaged structured data stays with the message.
    [
      '<34>1 - h - - - [a@1 b="c] d',
      { message: '[a@1 b="c] d', syslog: { ...RANK, version: 1, host: 'h', ...COARSE } },
    ],
  ])('%s', (text, expected) => {
    expect(recordOf(text)).toEqual(expected)
  })
})

describe('RFC 3164 and what calls itself so', () => {
  test.each([
    [
      '<34>Oct 11 22:14:15 host tag[12]: a: b',
      { time: AT, message: 'a: b', syslog: { ...RANK, host: 'host', app: 'tag', process: '12' } },
    ],
    [
      '<34>Oct  1 22:14:15 host tag: m',
      { time: '2026-10-01T22:14:15.000Z', message: 'm', syslog: { ...RANK, host: 'host', app: 'tag' } },
    ],
    [
      '<34>Oct 11 22:14:15 tag[12]: m',
      { time: AT, message: 'm', syslog: { ...RANK, app: 'tag', process: '12' } },
    ],
    [
      '<34>Oct 11 22:14:15 2001:db8::1 tag: m',
      { time: AT, message: 'm', syslog: { ...RANK, host: '2001:db8::1', app: 'tag' } },
    ],
    [
      "<34>Oct 11 22:14:15 mymachine su 'su root' failed",
      { time: AT, message: "su 'su root' failed", syslog: { ...RANK, host: 'mymachine' } },
    ],
    [
      '<34>Oct 11 2026 22:14:15 host tag: m',
      { time: AT, message: 'm', syslog: { ...RANK, host: 'host', app: 'tag' } },
    ],
    [
      '<34>Oct 11 22:14:15 2026 host tag: m',
      { time: AT, message: 'm', syslog: { ...RANK, host: 'host', app: 'tag' } },
    ],
    [
      '<34>Oct 11 22:14:15 PDT host tag: m',
      { time: '2026-10-12T05:14:15.000Z', message: 'm', syslog: { ...RANK, host: 'host', app: 'tag' } },
    ],
    [
      '<34>2026-10-11T22:14:15Z host tag: m',
      { time: AT, message: 'm', syslog: { ...RANK, host: 'host', app: 'tag' } },
    ],
    [
      '<34>2026-10-12 00:14:15 +0200 host tag: m',
      { time: AT, message: 'm', syslog: { ...RANK, host: 'host', app: 'tag' } },
    ],
    ['<34>tag[1]: m', { message: 'm', syslog: { ...RANK, app: 'tag', process: '1' } }],
    ['<34>no header, but: words', { message: 'no header, but: words', syslog: RANK }],
    ['<34>Oct 41 22:14:15 host tag: m', { message: 'm', syslog: { ...RANK, host: 'host', app: 'tag' } }],
    ['Oct 11 22:14:15 host tag: m', { time: AT, message: 'm', syslog: { host: 'host', app: 'tag' } }],
    ['error: no syslog at all', { message: 'error: no syslog at all', syslog: {} }],
    ['<999>m', { message: '<999>m', syslog: {} }],
    ['<34', { message: '<34', syslog: {} }],
  ])('%s', (text, { syslog, ...expected }) => {
    expect(recordOf(text)).toEqual({ ...expected, syslog: { ...syslog, ...COARSE } })
  })

  test.each([
    [
      '<34>45: router1: 46: Oct 11 22:14:15.003 UTC: %SYS-5-CONFIG_I: Configured by ann',
      { host: 'router1', app: 'SYS', id: 'CONFIG_I' },
      'Configured by ann',
    ],
    [
      '<34>45: *Oct 11 22:14:15.003: %LINK-3-UPDOWN: Interface up',
      { app: 'LINK', id: 'UPDOWN' },
      'Interface up',
    ],
    [
      '<34>: 2026 Oct 11 22:14:15.003 UTC: %VSHD-5-VSHD_SYSLOG_CONFIG_I: Configured',
      { app: 'VSHD', id: 'VSHD_SYSLOG_CONFIG_I' },
      'Configured',
    ],
    [
      '<34>Oct 11 2026 22:14:15.003 asa1 : %ASA-6-302013: Built inbound',
      { host: 'asa1', app: 'ASA', id: '302013' },
      'Built inbound',
    ],
  ])('of Cisco: %s', (text, header, message) => {
    expect(recordOf(text)).toEqual({ time: FINE, message, syslog: { ...RANK, ...header, peer: '192.0.2.1' } })
  })

  test('a device without a clock has its mnemonic alone', () => {
    const syslog = { ...RANK, app: 'ASA', id: '106023', ...COARSE }
    expect(recordOf('<34>%ASA-4-106023: Deny tcp')).toEqual({ message: 'Deny tcp', syslog })
    expect(recordOf('<34>:%ASA-4-106023: Deny tcp')).toEqual({ message: 'Deny tcp', syslog })
  })

  test.each([
    ['Dec 31 23:59:59', '2027-01-01T00:00:03Z', '2026-12-31T23:59:59.000Z'],
    ['Jan  1 00:00:01', '2026-12-31T23:59:58Z', '2027-01-01T00:00:01.000Z'],
    ['Feb 29 12:00:00', '2028-03-01T00:00:00Z', '2028-02-29T12:00:00.000Z'],
    ['Jun  1 12:00:00', '2026-06-01T13:00:00Z', '2026-06-01T12:00:00.000Z'],
  ])('%s that comes at %s is of %s', (stamp, arrival, expected) => {
    expect(recordOf(`<34>${stamp} host tag: m`, { arrival: Date.parse(arrival) }).time).toBe(expected)
  })

  test.each([
    ['Oct 11 22:14:15', 'Europe/Berlin', '2026-10-11T20:14:15.000Z'],
    ['Dec 11 22:14:15', 'Europe/Berlin', '2026-12-11T21:14:15.000Z'],
    ['Oct 11 22:14:15', '-05:00', '2026-10-12T03:14:15.000Z'],
    ['Oct 11 22:14:15 UTC', '-05:00', AT],
    ['2026-10-11T22:14:15', 'America/New_York', '2026-10-12T02:14:15.000Z'],
  ])('%s in the zone %s is %s', (stamp, zone, expected) => {
    expect(recordOf(`<34>${stamp} host tag: m`, { zone }).time).toBe(expected)
  })
})

describe('what a message carries', () => {
  const cef = String.raw`CEF:1|Maker|Fire\|wall|2.0|100|a \\ b|7|src=10.0.0.1 msg=a\=b c=d\nnext cs1Label=Policy Name cs1=one two cn1=5 cn1Label=Hops rt=1791756855003 end=Oct 11 2026 22:14:16 my.key=x path=C:\\dir`

  test.each([
    '',
    '<34>Oct 11 22:14:15 host ',
    '<34>Oct 11 22:14:15 host app[1]: ',
    '<34>1 2026-10-11T22:14:15.003Z h a - - - ',
    '<34>something of its own ',
  ])('CEF behind "%s"', (header) => {
    expect(recordOf(header + cef).cef).toEqual({
      version: 1,
      vendor: 'Maker',
      product: 'Fire|wall',
      deviceVersion: '2.0',
      classId: '100',
      name: 'a \\ b',
      severity: '7',
      extensions: {
        src: '10.0.0.1',
        msg: 'a=b',
        c: 'd\nnext',
        rt: '1791756855003',
        end: 'Oct 11 2026 22:14:16',
        'my.key': 'x',
        path: 'C:\\dir',
      },
      custom: { 'Policy Name': 'one two', Hops: '5' },
      time: FINE,
      end: '2026-10-11T22:14:16.000Z',
    })
  })

  test.each([
    ['1.0, by tabs', 'LEEF:1.0|Maker|Wall|1|deny|src=10.0.0.1\tmsg=a=b|c \tdevTime=1791756855003'],
    ['2.0 without a delimiter', 'LEEF:2.0|Maker|Wall|1|deny|src=10.0.0.1\tmsg=a=b|c \tdevTime=1791756855003'],
    ['2.0 with an empty one', 'LEEF:2.0|Maker|Wall|1|deny||src=10.0.0.1\tmsg=a=b|c \tdevTime=1791756855003'],
    ['2.0 by carets', 'LEEF:2.0|Maker|Wall|1|deny|^|src=10.0.0.1^msg=a=b|c ^devTime=1791756855003'],
    ['2.0 by a code', 'LEEF:2.0|Maker|Wall|1|deny|0x5E|src=10.0.0.1^msg=a=b|c ^devTime=1791756855003'],
    ['2.0 by a short code', 'LEEF:2.0|Maker|Wall|1|deny|x09|src=10.0.0.1\tmsg=a=b|c \tdevTime=1791756855003'],
  ])('LEEF %s', (_, text) => {
    for (const header of ['', '<34>Oct 11 22:14:15 host '])
      expect(recordOf(header + text).leef).toMatchObject({
        vendor: 'Maker',
        eventId: 'deny',
        attributes: { src: '10.0.0.1', msg: 'a=b|c', devTime: '1791756855003' },
        time: FINE,
      })
  })

  test.each([
    ['Oct 11 2026 22:14:15.003', undefined],
    ['2026-10-11T22:14:15.003Z', undefined],
    ['2026-10-11T22:14:15.003Z', "yyyy-MM-dd'T'HH:mm:ss.SSSXXX"],
    ['20261012001415003+0200', 'yyyyMMddHHmmssSSSZ'],
    ['Sun, 11 Oct 2026 10:14:15.003 PM UTC', 'EEE, d MMM yyyy hh:mm:ss.SSS a z'],
  ])('LEEF time %s as %s', (written, format) => {
    const more = format === undefined ? '' : `\tdevTimeFormat=${format}`
    expect(recordOf(`LEEF:1.0|M|P|1|x|devTime=${written}${more}`).leef).toMatchObject({ time: FINE })
  })

  test('a JSON object keeps its members, with the header beside them', () => {
    for (const text of ['{"a":1}', '@cee: {"a":1}'])
      expect(recordOf(`<34>Oct 11 22:14:15 host app: ${text}`)).toMatchObject({
        a: 1,
        time: AT,
        syslog: { host: 'host' },
      })
    expect(recordOf('{"a":1}')).toMatchObject({ a: 1 })
    expect(recordOf('{"a":1')).toMatchObject({ message: '{"a":1' })
  })

  test.each([
    ['2026-10-12 00:14:15', AT],
    ['2026-10-11T22:14:15.003Z', FINE],
    ['yesterday', 'yesterday'],
  ])(
    'the time of an NXLog record, %s, is by the zone of the listener where it names none',
    (written, expected) => {
      const text = JSON.stringify({ EventTime: written, EventID: 1 })
      expect(recordOf(text, { zone: 'Europe/Stockholm' }).EventTime).toBe(expected)
    },
  )

  test("a user's text behind a good header does not pose as a device", () => {
    const record = recordOf('<34>Oct 11 22:14:15 host sshd[1]: user x CEF:0|a|b|c|d|e|1|src=1.2.3.4')
    expect([record.cef, record.message]).toEqual([undefined, 'user x CEF:0|a|b|c|d|e|1|src=1.2.3.4'])
  })

  test.each(['CEF:0|a|b|c', 'LEEF:1.0|a|b', 'CEF:x|a|b|c|d|e|1|'])('%s is a message', (text) => {
    expect(recordOf(text)).toMatchObject({ message: text })
  })
})

test('text that is not UTF-8 is Latin-1; what looks compressed is not', () => {
  expect(recordOf(Buffer.from([0x67, 0x72, 0xfc, 0x6e])).message).toBe('gr\u00fcn')
  expect(recordOf(Buffer.from([0x1f, 0x8b, 0x08, 0x41])).message).toContain('A')
  expect(recordOf(Buffer.from([0x01, 0x20])).message).toBe('\u0001 ')
})

test('several messages of one read have their own bytes and numbers', () => {
  const bytes = Buffer.from('<1>one\n<2>two')
  const format = {
    kind: 'syslog',
    extents: [0, 6, 7, 13],
    peer: 'p',
    listener: 's/l',
    first: 3,
    arrival: 0,
    zone: 'UTC',
  } as const
  const unwrapped = unwrap(bytes, format)
  expect(unwrapped.records).toMatchObject([
    { message: 'one', syslog: { number: 's/l/3' } },
    { message: 'two', syslog: { number: 's/l/4' } },
  ])
  expect([0, 1].map((i) => Buffer.from(unwrapped.bytesOf(i)).toString())).toEqual(['<1>one', '<2>two'])
})

test('what could not be cut goes to quarantine for the reason that the way in gives', () => {
  const { quarantined, records } = unwrap(Buffer.from('x9 y'), { kind: 'unreadable', reason: 'no frame' })
  expect([records.length, quarantined[0]?.reason, Buffer.from(quarantined[0]!.bytes).toString()]).toEqual([
    0,
    'no frame',
    'x9 y',
  ])
})
