import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AWKWARD, MANY, PRIORITY } from './alerts.ts'
import { eventually, Line, MUTUAL, STRANGE } from './line.ts'
import { parseCef } from './parts.ts'
import { RSYSLOGD, Rsyslog, type Seen } from './rsyslog.ts'

describe.each(['gtls', 'ossl'] as const)('rsyslog with %s', (driver) => {
  if (RSYSLOGD === undefined) {
    test.skip('skipped, needs rsyslog', () => {})
    return
  }

  const siem = new Rsyslog(driver)
  const line = new Line()

  beforeAll(async () => {
    await siem.start()
    await line.open(AWKWARD)
    const outputs = outputsTo(siem)
    await line.start(outputs)
    await line.delivered(outputs)
    for (const { hostname } of outputs)
      await eventually(() => expect(siem.seen(hostname)).toHaveLength(AWKWARD.length))
  })
  afterAll(async () => {
    await line.close()
    await siem.stop()
  })

  test('over TLS with certificates on both sides it understands every header as meant', () => {
    const seen = siem.seen('over-tls')
    for (const alert of AWKWARD) {
      const { severity, kind } = alert.weir.alert
      expect(of(seen, alert.weir.alert.id), alert.weir.alert.id).toMatchObject({
        app: 'weir',
        procid: '-',
        msgid: kind,
        sd: '-',
        pri: String(PRIORITY[severity]),
        time: '2026-03-01T10:05:02.000Z',
      })
    }
  })

  test('the CEF line in its message is the alert, field by field', () => {
    const seen = siem.seen('over-tls')
    for (const alert of AWKWARD) expectAlert(of(seen, alert.weir.alert.id).msg, alert)
  })

  test('the file of the shipped configuration holds the same lines', () => {
    const messages = siem.seen('over-tls').map(({ msg }) => msg.trimStart())
    expect(siem.alerts()).toEqual(messages)
  })

  test('over UDP, under a header of RFC 3164, it understands host and time, and takes CEF for the tag', () => {
    const seen = siem.seen('over-udp')
    for (const alert of AWKWARD) {
      const { id, severity } = alert.weir.alert
      const message = seen.find(({ raw }) => raw.includes(`externalId=${id} `))!
      expect(message, id).toMatchObject({ tag: 'CEF:', pri: String(PRIORITY[severity]) })
      expect(message.time).toMatch(/-03-01T10:05:02/)
      expectAlert(message.tag + message.msg, alert)
    }
  })

  test('over TCP, a line feed after each message, LEEF arrives with its tabs', () => {
    const seen = siem.seen('over-tcp')
    expect(
      seen.every(({ msg }) => /^ ?LEEF:1\.0\|Weir\|Weir\|[\d.]+\|entra\.password-spray\|/.test(msg)),
    ).toBe(true)
    for (const alert of AWKWARD) {
      const { id, revision } = alert.weir.alert
      const message = seen.find(({ msg }) => msg.includes(`\texternalId=${id}\t`))!
      const attributes = message.msg.split('\t')
      expect(attributes, id).toContain(`revision=${revision}`)
      expect(attributes, id).toContain(`usrName=${oneLine(String(alert.user?.['name']))}`)
      if (id !== 'large') expect(attributes, id).toContain(`msg=${oneLine(alert.message)}`)
    }
  })

  test('JSON is parsed by its own parser, and is the alert', async () => {
    await eventually(() => expect(siem.documents()).toHaveLength(AWKWARD.length))
    for (const { message, user, weir } of AWKWARD) {
      const { id, revision } = weir.alert
      const document = siem.documents().find((each) => each.id === id)
      expect(document, id).toEqual({ id, revision, message, user: user?.['name'] })
    }
  })
})

/** Its driver for OpenSSL takes every name that the authority vouches for, in Debian 12 at least: no row for it. */
const REFUSED = [
  ['gtls', 'a certificate of another authority', STRANGE, 'localhost'],
  ['ossl', 'a certificate of another authority', STRANGE, 'localhost'],
  ['gtls', 'a certificate with a name that it was not told', MUTUAL, 'somebody.else.example'],
] as const

describe('rsyslog, and whom it does not know', () => {
  if (RSYSLOGD === undefined) {
    test.skip('skipped, needs rsyslog', () => {})
    return
  }

  test.each(REFUSED)('with %s, %s delivers nothing, and nothing is lost', async (...row) => {
    const [driver, , identity, permitted] = row
    const siem = new Rsyslog(driver)
    const line = new Line()
    try {
      await siem.start(permitted)
      await line.open(AWKWARD)
      const output = { ...outputsTo(siem)[0]!, ...identity }
      await line.start([output])
      await line.stuck(output.name)
      expect(line.feed.delivered(output.name, 'bulk') ?? 0).toBe(0)
      expect(siem.alerts()).toEqual([])
      await siem.stop()
      await siem.start('localhost')
      await line.start([{ ...output, ...MUTUAL }])
      await line.delivered([output])
      await eventually(() => expect(idsIn(siem.alerts())).toEqual(new Set(AWKWARD.map(idOf))))
    } finally {
      await line.close()
      await siem.stop()
    }
  })
})

describe('rsyslog, killed with alerts unread', () => {
  if (RSYSLOGD === undefined) {
    test.skip('skipped, needs rsyslog', () => {})
    return
  }

  test('has every one of them in the end', async () => {
    const siem = new Rsyslog('gtls')
    const line = new Line()
    try {
      await siem.start()
      await line.open(MANY)
      const output = outputsTo(siem)[0]!
      await line.start([output])
      await eventually(() => expect(siem.alerts()).not.toEqual([]))
      siem.pause()
      // Counted as delivered, and in no buffer but the kernels'.
      await line.deliveredBeyond(output.name, siem.alerts().length + 500)
      await siem.stop('SIGKILL')
      await siem.start()
      await line.delivered([output])
      await eventually(() => expect(idsIn(wholeLines(siem.alerts()))).toEqual(new Set(MANY.map(idOf))))
    } finally {
      await line.close()
      await siem.stop()
    }
  })
})

/** One output a way of writing; the host in the header tells them apart. */
function outputsTo({ ports }: Rsyslog) {
  const to = { type: 'syslog', host: '127.0.0.1' }
  return [
    { ...to, name: 'tls', hostname: 'over-tls', port: ports.tls, ...MUTUAL },
    {
      ...{ ...to, name: 'json', hostname: 'in-json', appName: 'json', port: ports.tls, ...MUTUAL },
      ...{ format: 'json', sizeMax: '40KB' },
    },
    {
      ...{ ...to, name: 'tcp', hostname: 'over-tcp', port: ports.tcp, transport: 'tcp' },
      ...{ framing: 'lf', format: 'leef1' },
    },
    {
      ...{ ...to, name: 'udp', hostname: 'over-udp', port: ports.udp, transport: 'udp' },
      ...{ header: 'rfc3164' },
    },
  ]
}

function of(seen: readonly Seen[], id: string): Seen {
  return seen.find(({ msg }) => msg.includes(`externalId=${id} `))!
}

/** A line that the killed program had not written to its end has another one in it. */
function wholeLines(lines: readonly string[]): string[] {
  return lines.filter((line) => line.startsWith('CEF:0|') && line.split('CEF:0|').length === 2)
}

function idOf({ weir }: (typeof AWKWARD)[number]): string {
  return weir.alert.id
}

function idsIn(lines: readonly string[]): Set<string> {
  return new Set(lines.map((line) => parseCef(line).extension['externalId']!))
}

function expectAlert(message: string, alert: (typeof AWKWARD)[number]): void {
  const { id, revision, status, kind } = alert.weir.alert
  const cef = parseCef(message.trimStart())
  expect(cef, id).toMatchObject({ vendor: 'Weir', classId: alert.rule.id })
  expect(cef.name, id).toBe(oneLine(alert.rule.name))
  const cut = cef.extension['cn3'] === '1'
  expect(cut, id).toBe(id === 'large')
  expect(cef.extension, id).toMatchObject({
    externalId: id,
    cn1: String(revision),
    cs5: kind,
    cs6: status,
    suser: spaced(String(alert.user?.['name'])),
    ...(cut ? {} : { msg: spaced(alert.message) }),
  })
  if (cut) expect(alert.message.startsWith(cef.extension['msg']!)).toBe(true)
}

/** CEF has line ends, but no tabs; and nothing at the ends. */
function spaced(text: string): string {
  return text.replaceAll('\t', ' ').trim()
}

function oneLine(text: string): string {
  return text.replaceAll(/[\r\n\t]+/g, ' ').trim()
}
