import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AWKWARD, MANY, PRIORITY } from './alerts.ts'
import { eventually, Line, MUTUAL, STRANGE } from './line.ts'
import { parseCef } from './parts.ts'
import { type Seen, SYSLOG_NG, SyslogNg } from './syslog-ng.ts'

/** How a message begins that syslog-ng's own parsers can take apart: no bars in the name of the rule. */
const PARSED = AWKWARD.filter(({ rule }) => !rule.name.includes('|'))

describe('syslog-ng', () => {
  if (SYSLOG_NG === undefined) {
    test.skip('skipped, needs syslog-ng', () => {})
    return
  }

  const siem = new SyslogNg()
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
    const seen = siem.seen('named-tls')
    for (const { weir } of AWKWARD) {
      const { id, kind, severity } = weir.alert
      const message = of(seen, id)
      expect(message, id).toMatchObject({ PROGRAM: 'weir', MSGID: kind, PRI: String(PRIORITY[severity]) })
      expect(Date.parse(message.ISODATE), id).toBe(Date.parse('2026-03-01T10:05:02Z'))
      expect(message.PID ?? '', id).toBe('')
    }
  })

  test('its own parser finds the keys that we wrote, and their values', () => {
    const seen = siem.seen('named-tls')
    for (const { weir } of PARSED) {
      const { MESSAGE, pairs = {} } = of(seen, weir.alert.id)
      const { extension } = parseCef(MESSAGE)
      const unescaped = Object.entries(pairs).map(([key, value]) => [key, plain(value)])
      expect(Object.fromEntries(unescaped), weir.alert.id).toEqual(extension)
    }
  })

  test('what it would write as CEF itself is what we wrote', () => {
    const [ours, theirs] = [siem.seen('named-tls'), siem.seen('in-json')]
    for (const alert of AWKWARD) {
      const { id } = alert.weir.alert
      // It writes a tab as \u0009, and has no limits for keys; spaces at the ends stay with it.
      if (['tabs', 'large'].includes(id)) continue
      const written = theirs.find((each) => each.alert?.weir.alert.id === id)?.written
      const { MESSAGE } = of(ours, id)
      for (const pair of written!.split(/ (?=suser=)/)) {
        const [key = '', value = ''] = pair.split(/=(.*)/s)
        expect(MESSAGE, id).toContain(` ${key}=${value.trim()} `)
      }
    }
  })

  test('the file of the shipped configuration holds the same lines', () => {
    expect(siem.alerts()).toEqual(siem.seen('named-tls').map(({ MESSAGE }) => MESSAGE))
  })

  test('JSON is parsed by its own parser, and is the alert', () => {
    const seen = siem.seen('in-json')
    for (const { message, weir } of AWKWARD) {
      const { id, revision, status } = weir.alert
      const found = seen.find((each) => each.alert?.weir.alert.id === id)
      expect(found?.alert, id).toMatchObject({ message, weir: { alert: { id, status } } })
      expect(String(found?.alert?.weir.alert.revision), id).toBe(String(revision))
    }
  })

  test('over TCP, a line feed after each message, LEEF 2.0 parts at its delimiter', () => {
    const seen = siem.seen('over-tcp')
    for (const alert of AWKWARD) {
      const { id, revision, count } = alert.weir.alert
      const { attributes = [] } = seen.find(({ MESSAGE }) => MESSAGE.includes(`^externalId=${id}^`))!
      expect(attributes, id).toEqual(
        expect.arrayContaining([
          'devTime=1772359500250',
          `revision=${revision}`,
          `cnt=${count}`,
          `usrName=${oneLine(String(alert.user?.['name']))}`,
          `name=${oneLine(alert.rule.name)}`,
        ]),
      )
      if (id !== 'large') expect(attributes, id).toContain(`msg=${oneLine(alert.message)}`)
    }
  })

  test('over UDP, under a header of RFC 3164, it understands host and time, and takes CEF for the program', () => {
    const seen = siem.seen('over-udp')
    for (const { weir } of AWKWARD) {
      const { id, severity } = weir.alert
      const message = of(seen, id)
      expect(message, id).toMatchObject({ PROGRAM: 'CEF', PRI: String(PRIORITY[severity]) })
      expect(message.ISODATE, id).toMatch(/-03-01T10:05:02/)
      expect(parseCef(`CEF:${message.MESSAGE}`).extension['externalId']).toBe(id)
    }
  })
})

describe('syslog-ng, and whom it does not know', () => {
  if (SYSLOG_NG === undefined) {
    test.skip('skipped, needs syslog-ng', () => {})
    return
  }

  test.each([
    ['a certificate of another authority', STRANGE, 'CN=forwarder'],
    ['a certificate with a name that it was not told', MUTUAL, 'CN=somebody-else'],
  ])('%s delivers nothing, and nothing is lost', async (_, identity, permitted) => {
    const siem = new SyslogNg()
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
      await siem.start()
      await line.start([{ ...output, ...MUTUAL }])
      await line.delivered([output])
      const ids = () => new Set(siem.alerts().map((each) => parseCef(each).extension['externalId']))
      await eventually(() => expect(ids()).toEqual(new Set(AWKWARD.map(({ weir }) => weir.alert.id))))
    } finally {
      await line.close()
      await siem.stop()
    }
  })
})

describe('syslog-ng, killed with alerts unread', () => {
  if (SYSLOG_NG === undefined) {
    test.skip('skipped, needs syslog-ng', () => {})
    return
  }

  test('has every one of them in the end', async () => {
    const siem = new SyslogNg()
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
      const whole = () => siem.alerts().filter((each) => each.split('CEF:0|').length === 2)
      const ids = () => new Set(whole().map((each) => parseCef(each).extension['externalId']))
      await eventually(() => expect(ids()).toEqual(new Set(MANY.map(({ weir }) => weir.alert.id))))
    } finally {
      await line.close()
      await siem.stop()
    }
  })
})

/** One output a way of writing; the host in the header tells them apart. */
function outputsTo({ ports }: SyslogNg) {
  const to = { type: 'syslog', host: '127.0.0.1' }
  return [
    { ...to, name: 'tls', hostname: 'named-tls', port: ports.tls, ...MUTUAL },
    {
      ...{ ...to, name: 'json', hostname: 'in-json', appName: 'json', port: ports.tls, ...MUTUAL },
      ...{ format: 'json', sizeMax: '40KB' },
    },
    {
      ...{ ...to, name: 'tcp', hostname: 'over-tcp', port: ports.tcp, transport: 'tcp' },
      ...{ framing: 'lf', format: 'leef2', delimiter: '^' },
    },
    {
      ...{ ...to, name: 'udp', hostname: 'over-udp', port: ports.udp, transport: 'udp' },
      ...{ header: 'rfc3164' },
    },
  ]
}

function of(seen: readonly Seen[], id: string): Seen {
  return seen.find(({ MESSAGE }) => MESSAGE.includes(`externalId=${id} `))!
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r' }

function plain(value: string): string {
  return value.replaceAll(/\\(.)/g, (_, escaped: string) => ESCAPES[escaped] ?? escaped)
}

function oneLine(text: string): string {
  return text.replaceAll(/[\r\n\t]+/g, ' ').trim()
}
