import { type Event, type FieldValue, fieldOf } from '@weir/model'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { classify, eventsOf, toEcs, unwrap } from '../src/index.ts'

const ARRIVAL = Date.parse('2026-03-10T09:00:00Z')

/** The one event of a syslog message. */
function eventOf(text: string): Event {
  const bytes = Buffer.from(text)
  const extents = [0, bytes.length]
  const format = {
    kind: 'syslog',
    extents,
    peer: '10.0.0.5',
    listener: 's/udp',
    first: 1,
    zone: 'UTC',
  } as const
  const unwrapped = unwrap(bytes, { ...format, arrival: ARRIVAL })
  const events: Event[] = []
  const origin = { source: 's', partition: 'udp', at: '1', arrival: ARRIVAL, bytesOf: () => bytes }
  for (const record of unwrapped.records) eventsOf(record, classify(record), origin, 0, events)
  expect(events).toHaveLength(1)
  return events[0]!
}

function expectFields(event: Event, dataset: string, expected: Readonly<Record<string, FieldValue>>): void {
  expect(event.dataset.name).toBe(dataset)
  const found = Object.keys(expected).map((name) => [name, fieldOf(event, name)])
  expect(Object.fromEntries(found)).toEqual(expected)
}

describe('system.syslog', () => {
  const head = '<86>Mar 10 08:59:00 Web1. sshd[4711]: '

  test.each([
    [
      'Accepted publickey for Ada from 203.0.113.7 port 50123 ssh2: ED25519 SHA256:x',
      'success',
      'ada',
      '203.0.113.7',
      50123,
    ],
    ['Failed password for ada from 203.0.113.7 port 50123 ssh2', 'failure', 'ada', '203.0.113.7', 50123],
    [
      'Failed password for invalid user admin from 2001:DB8::1 port 1 ssh2',
      'failure',
      'admin',
      '2001:db8::1',
      1,
    ],
    ['Invalid user a b from 203.0.113.7 port 50123', 'failure', 'a b', '203.0.113.7', 50123],
    // A user's name that poses as an address.
    [
      'Failed password for x from 1.1.1.1 port 1 ssh2 from 203.0.113.7 port 2 ssh2',
      'failure',
      'x from 1.1.1.1 port 1 ssh2',
      '203.0.113.7',
      2,
    ],
    ['Connection closed by 203.0.113.7 port 50123 [preauth]', undefined, undefined, undefined, undefined],
  ])('sshd: %s', (message, outcome, user, ip, port) => {
    expectFields(eventOf(head + message), 'system.syslog', {
      message,
      'host.name': 'web1',
      'process.name': 'sshd',
      'process.pid': 4711,
      'event.outcome': outcome,
      'user.name': user,
      'source.ip': ip,
      'source.port': port,
    })
  })

  test.each([
    [
      'ada : TTY=pts/0 ; PWD=/home/ada ; USER=root ; COMMAND=/bin/cat /etc/shadow',
      'success',
      'ada',
      'root',
      '/bin/cat /etc/shadow',
    ],
    [
      'ada : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/ls',
      'failure',
      'ada',
      'root',
      '/bin/ls',
    ],
    [
      'eve : user NOT in sudoers ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/ls',
      'failure',
      'eve',
      'root',
      '/bin/ls',
    ],
    ['pam_unix(sudo:session): session opened for user root', undefined, undefined, undefined, undefined],
  ])('sudo: %s', (message, outcome, user, target, command) => {
    expectFields(eventOf(`<85>Mar 10 08:59:00 web1 sudo: ${message}`), 'system.syslog', {
      'event.outcome': outcome,
      'user.name': user,
      'user.target.name': target,
      'process.command_line': command,
    })
  })

  test('rank, sender and time; two equal lines of one second are two events', () => {
    const event = eventOf('<165>m')
    expectFields(event, 'system.syslog', {
      'log.syslog.facility.name': 'local4',
      'log.syslog.severity.name': 'notice',
      'log.source.address': '10.0.0.5',
      'host.name': '10.0.0.5',
      'host.ip': '10.0.0.5',
      'event.id': 's/udp/1',
    })
    expect(event.time).toBe(ARRIVAL)
    expect(
      eventOf('<165>1 2026-03-10T08:59:00.5Z h a - - - m').dataset.id(
        eventOf('<165>1 2026-03-10T08:59:00.5Z h a - - - m').record,
      ),
    ).toBe(undefined)
  })
})

describe('cef.log', () => {
  test('what a firewall says', () => {
    const event = eventOf(
      '<134>Mar 10 08:59:00 fw1 CEF:0|Maker|Wall|2.1|100|Connection refused|High|src=10.0.0.1 spt=50123 shost=WS1 ' +
        'suser=LINDHOF\\\\Ada duser=root dst=198.51.100.2 dpt=22 dhost=Srv1 proto=TCP act=blocked outcome=failure in=10 out=20 ' +
        'request=https://a.example/?b\\=c requestMethod=GET fname=a.txt filePath=/tmp/a.txt fileHash=D41D8CD98F00B204E9800998ECF8427E ' +
        'cs1=No SSH cs1Label=Rule Name rt=1773133140500 externalId=42 deviceDirection=1',
    )
    expectFields(event, 'cef.log', {
      'event.action': 'blocked',
      'event.code': '100',
      'event.outcome': 'failure',
      'event.severity': 8,
      'event.type': ['denied'],
      'observer.vendor': 'Maker',
      'observer.product': 'Wall',
      'host.name': 'fw1',
      'rule.name': 'No SSH',
      'source.ip': '10.0.0.1',
      'source.port': 50123,
      'source.domain': 'ws1',
      'source.bytes': 10,
      'user.name': 'lindhof\\ada',
      'user.target.name': 'root',
      'destination.ip': '198.51.100.2',
      'destination.port': 22,
      'destination.domain': 'srv1',
      'network.transport': 'tcp',
      'network.direction': 'outbound',
      'url.original': 'https://a.example/?b=c',
      'http.request.method': 'GET',
      'file.path': '/tmp/a.txt',
      'file.name': 'a.txt',
      'file.hash.md5': 'd41d8cd98f00b204e9800998ecf8427e',
      'file.hash.sha256': undefined,
      'cef.external_id': '42',
    })
    expect(new Date(event.time).toISOString()).toBe('2026-03-10T08:59:00.500Z')
  })

  test.each([
    ['c6a2=2001:DB8::1 c6a2Label=Source IPv6 Address', '2001:db8::1', undefined],
    ['c6a1=2001:db8::2 c6a1Label=Destination IPv6 Address', undefined, '2001:db8::2'],
    ['c6a2=2001:db8::1 c6a3=2001:db8::2', '2001:db8::1', '2001:db8::2'],
    ['src=10.0.0.1 dst=name', '10.0.0.1', undefined],
  ])('addresses: %s', (extensions, source, destination) => {
    expectFields(eventOf(`CEF:0|a|b|c|d|e|5|${extensions}`), 'cef.log', {
      'source.ip': source,
      'destination.ip': destination,
    })
  })
})

test('leef.log', () => {
  const event = eventOf(
    'LEEF:2.0|Maker|Wall|2.1|deny|^|src=10.0.0.1^srcPort=50123^dst=198.51.100.2^dstPort=22^usrName=Ada^identHostName=WS1^' +
      'cat=Firewall^sev=7^proto=TCP^action=Deny^devTime=10/03/2026 09:59:00 +0100^devTimeFormat=dd/MM/yyyy HH:mm:ss Z^policy=No SSH',
  )
  expectFields(event, 'leef.log', {
    'event.action': 'deny',
    'event.code': 'deny',
    'event.severity': 7,
    'event.type': ['denied'],
    'observer.product': 'Wall',
    'source.ip': '10.0.0.1',
    'source.port': 50123,
    'destination.ip': '198.51.100.2',
    'destination.port': 22,
    'user.name': 'ada',
    'host.name': 'ws1',
    'leef.category': 'Firewall',
    'rule.name': 'No SSH',
    'network.transport': 'tcp',
  })
  expect(new Date(event.time).toISOString()).toBe('2026-03-10T08:59:00.000Z')
})

const LOGON = {
  SubjectUserSid: 'S-1-0-0',
  SubjectUserName: '-',
  TargetUserName: 'Ada',
  TargetDomainName: 'LINDHOF',
  LogonType: '3',
  IpAddress: '::ffff:203.0.113.7',
  IpPort: '50123',
  WorkstationName: 'WS1',
  Status: '0xC000006D',
  SubStatus: '0xC000006A',
}
const SECURITY = 'Microsoft-Windows-Security-Auditing'
const TIME = '2026-03-10T08:59:00.500Z'

/** The same failed logon as four agents write it. */
const AGENTS = {
  Winlogbeat: {
    '@timestamp': TIME,
    '@metadata': { beat: 'winlogbeat' },
    message: 'An account failed to log on.',
    event: { code: '4625', kind: 'event' },
    winlog: {
      channel: 'Security',
      computer_name: 'DC1.Lindhof.example',
      event_id: '4625',
      record_id: 77,
      provider_name: SECURITY,
      keywords: ['Audit Failure'],
      event_data: LOGON,
    },
  },
  NXLog: {
    EventTime: '2026-03-10T09:59:00.500000+01:00',
    Hostname: 'DC1.Lindhof.example',
    Keywords: '9232379236109516800',
    EventType: 'AUDIT_FAILURE',
    SeverityValue: 4,
    EventID: 4625,
    SourceName: SECURITY,
    RecordNumber: 77,
    Channel: 'Security',
    Message: 'An account failed to log on.',
    SourceModuleName: 'eventlog',
    ...LOGON,
  },
  'SecurityEvent table': {
    TimeGenerated: TIME,
    Computer: 'DC1.Lindhof.example',
    EventSourceName: SECURITY,
    Channel: 'Security',
    EventID: 4625,
    Activity: '4625 - An account failed to log on.',
    EventRecordId: '77',
    Account: 'LINDHOF\\Ada',
    Type: 'SecurityEvent',
    ...LOGON,
  },
  'Event table': {
    TimeGenerated: TIME,
    Computer: 'DC1.Lindhof.example',
    EventLog: 'Security',
    Source: SECURITY,
    EventID: 4625,
    EventRecordId: 77,
    EventData: `<DataItem><EventData>${Object.entries(LOGON)
      .map(([key, value]) => `<Data Name="${key}">${value}</Data>`)
      .join('')}</EventData></DataItem>`,
    Type: 'Event',
  },
}

describe('windows.security', () => {
  test.each(Object.entries(AGENTS))('of %s, bare and behind a syslog header', (_, record) => {
    for (const header of ['', '<14>1 2026-03-10T08:59:01Z dc1 agent - - - ']) {
      const event = eventOf(header + JSON.stringify(record))
      expectFields(event, 'windows.security', {
        'event.code': '4625',
        'event.action': 'logon-failed',
        'event.category': ['authentication'],
        'event.outcome': 'failure',
        'event.id': `dc1.lindhof.example/Security/77@${Date.parse(TIME)}`,
        'host.name': 'dc1.lindhof.example',
        'user.name': 'ada',
        'user.domain': 'lindhof',
        'user.id': undefined,
        'source.ip': '203.0.113.7',
        'source.port': 50123,
        'source.domain': 'ws1',
        'winlog.logon.type': 'Network',
        'winlog.logon.type_code': 3,
        'winlog.logon.failure.sub_status': '0xc000006a',
      })
      expect(new Date(event.time).toISOString()).toBe(TIME)
    }
  })

  const of = (id: number, data: object, more: object = {}) =>
    eventOf(
      JSON.stringify({
        EventID: id,
        Channel: 'Security',
        Hostname: 'dc1',
        EventTime: TIME,
        RecordNumber: 1,
        ...data,
        ...more,
      }),
    )
  const subject = { SubjectUserName: 'Ada', SubjectDomainName: 'LINDHOF', SubjectUserSid: 'S-1-5-21-1' }

  test('who did what to whom', () => {
    expectFields(
      of(4720, { ...subject, TargetUserName: 'New', TargetSid: 'S-1-5-21-2' }),
      'windows.security',
      {
        'event.action': 'added-user-account',
        'user.name': 'ada',
        'user.target.name': 'new',
        'user.target.id': 'S-1-5-21-2',
        'group.name': undefined,
      },
    )
    const member = { MemberName: 'CN=Eve\\, Junior,OU=Staff,DC=lindhof', MemberSid: 'S-1-5-21-3' }
    expectFields(
      of(4728, { ...subject, ...member, TargetUserName: 'Domain Admins', TargetSid: 'S-1-5-21-512' }),
      'windows.security',
      {
        'event.action': 'added-member-to-group',
        'user.name': 'ada',
        'user.target.name': 'eve, junior',
        'user.target.id': 'S-1-5-21-3',
        'group.name': 'domain admins',
        'group.id': 'S-1-5-21-512',
      },
    )
    expectFields(
      of(4732, { ...subject, MemberName: '-', MemberSid: 'S-1-5-21-3', TargetUserName: 'Administrators' }),
      'windows.security',
      {
        'user.target.name': undefined,
        'user.target.id': 'S-1-5-21-3',
      },
    )
    expectFields(
      of(4688, {
        ...subject,
        NewProcessName: 'C:\\Windows\\System32\\Cmd.exe',
        NewProcessId: '0x1f4',
        CommandLine: 'cmd /c x',
      }),
      'windows.security',
      {
        'process.name': 'cmd.exe',
        'process.executable': 'C:\\Windows\\System32\\Cmd.exe',
        'process.pid': 500,
        'process.command_line': 'cmd /c x',
      },
    )
  })

  test.each([
    [4776, { Status: '0x0' }, 'success'],
    [4776, { Status: '0xc0000064' }, 'failure'],
    [4771, { Status: '0x18' }, 'failure'],
    [4624, {}, 'success'],
    [5140, { Keywords: ['Audit Failure'] }, 'failure'],
    [5140, { Keywords: '0x8020000000000000' }, 'success'],
    [5140, { Keywords: -(2 ** 63 - 2 ** 52) }, 'failure'],
    [5140, {}, undefined],
  ])('%i %j: %s', (id, data, outcome) => {
    expectFields(of(id, data), 'windows.security', { 'event.outcome': outcome })
  })

  test('a cleared log numbers anew, and its events are others', () => {
    const again = of(4624, {}, { EventTime: '2026-03-11T08:59:00Z' })
    expect(fieldOf(again, 'event.id')).not.toBe(fieldOf(of(4624, {}), 'event.id'))
  })

  test('the same number in another channel means something else', () => {
    const event = of(4625, {}, { Channel: 'Application', SourceName: 'EventSystem' })
    expectFields(event, 'windows.eventlog', { 'event.action': undefined, 'event.outcome': undefined })
  })

  test.each([
    [{ EventID: 1, Channel: 'x' }],
    [{ EventID: 'eleven', Channel: 'x', Computer: 'y' }],
    [{ EventID: 1, Computer: 'y', Type: 'Perf' }],
  ])('%j is no Windows event', (record) => {
    expect(eventOf(JSON.stringify(record)).dataset.name).toBe('generic')
  })
})

test('7045 of the System channel', () => {
  const event = eventOf(
    JSON.stringify({
      '@timestamp': TIME,
      winlog: {
        channel: 'System',
        computer_name: 'srv1',
        event_id: 7045,
        record_id: 5,
        event_data: { ServiceName: 'Tool', ImagePath: 'C:\\t.exe', AccountName: 'LocalSystem' },
      },
    }),
  )
  expectFields(event, 'windows.eventlog', {
    'event.action': 'service-installed',
    'service.name': 'Tool',
    'file.path': 'C:\\t.exe',
    'host.name': 'srv1',
    'winlog.service.account': 'LocalSystem',
  })
})

test('whatever comes is one record or one refusal, and can be told in ECS', () => {
  const pieces = fc.constantFrom(
    '<34>',
    '1 ',
    'Oct 11 22:14:15 ',
    '2026-10-11T22:14:15.003Z ',
    'host ',
    'tag[1]: ',
    '[a@1 b="c"]',
    '- ',
    '%ASA-6-1: ',
    'CEF:0|a|b|c|d|e|5|',
    'LEEF:2.0|a|b|c|d|^|',
    'src=1.2.3.4 ',
    'rt=99999999999999 ',
    'dtz=constructor rt=Oct 11 22:14:15 ',
    'devTime=99^devTimeFormat=yy',
    '{"EventID":4625,"Channel":"Security","Computer":"c","Keywords":[null]}',
    '{"winlog":{"event_data":[]}}',
    '\\',
    '|',
    '=',
    '^',
    ' ',
    '"',
    ']',
    '{"__proto__":{"a":1}}',
    '__proto__=1 ',
    'constructor: ',
    'sshd: Failed x for ',
  )
  const text = fc.array(
    fc.oneof({ weight: 4, arbitrary: pieces }, fc.string({ unit: 'binary', maxLength: 8 })),
    { minLength: 1, maxLength: 12 },
  )
  fc.assert(
    fc.property(text, (words) => {
      const message = words.join('')
      fc.pre(message.trim() !== '')
      const event = eventOf(message)
      expect(Number.isFinite(event.time)).toBe(true)
      JSON.stringify(toEcs(event))
    }),
    { numRuns: 1_500 },
  )
})
