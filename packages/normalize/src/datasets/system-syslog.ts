import type { JsonObject } from '@weir/model'
import { parseTime } from '../parse-time.ts'
import { derived, first, folded, ip, number, type Row, reach, text, textOf } from '../read.ts'
import { SYSLOG_AUTH } from '../syslog-auth.ts'
import { dataset, HOUR_MS } from '../table.ts'

const FACILITIES = (
  'kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp security console solaris-cron ' +
  'local0 local1 local2 local3 local4 local5 local6 local7'
).split(' ')
const SEVERITIES = 'emergency alert critical error warning notice informational debug'.split(' ')

const numberAt = reach('syslog.number')
const dataAt = reach('syslog.data')

/** What the header of a message says; the same for whatever it carries. */
export const SYSLOG_HEADER: Readonly<Record<string, Row>> = {
  'log.source.address': text('syslog.peer'),
  'log.syslog.priority': number('syslog.priority'),
  'log.syslog.facility.code': number('syslog.facility'),
  'log.syslog.facility.name': named('syslog.facility', FACILITIES),
  'log.syslog.severity.code': number('syslog.severity'),
  'log.syslog.severity.name': named('syslog.severity', SEVERITIES),
  'log.syslog.hostname': folded(text('syslog.host')),
  'log.syslog.appname': text('syslog.app'),
  'log.syslog.procid': text('syslog.process'),
  'log.syslog.msgid': text('syslog.id'),
  'log.syslog.structured_data': derived('syslog.data as JSON', (record) => {
    const data = dataAt(record)
    return data === undefined ? undefined : JSON.stringify(data)
  }),
}

function named(path: string, names: readonly string[]): Row {
  const at = reach(path)
  return derived(`name of ${path}`, (record) => {
    const code = at(record)
    return typeof code === 'number' ? names[code] : undefined
  })
}

/** The number that its listener gave a message whose stamp tells no more than seconds. */
export function syslogId(record: JsonObject): string | undefined {
  return textOf(numberAt(record))
}

/** Messages by syslog that are in no format of their own. */
export const SYSTEM_SYSLOG = dataset({
  name: 'system.syslog',
  latenessMs: HOUR_MS,
  time: (record) => parseTime(record.time),
  id: syslogId,
  columns: (record) => [record.time, record.syslog, record.message],
  rows: {
    ...SYSLOG_HEADER,
    message: text('message'),
    'event.action': SYSLOG_AUTH.action,
    'event.category': SYSLOG_AUTH.category,
    'event.outcome': SYSLOG_AUTH.outcome,
    'event.code': text('syslog.id'),
    'event.provider': text('syslog.app'),
    'event.severity': number('syslog.severity'),
    'log.level': named('syslog.severity', SEVERITIES),
    'host.name': folded(first(text('syslog.host'), text('syslog.peer'))),
    'host.ip': first(ip('syslog.host'), derived('syslog.peer where the header names no host', peerIp)),
    'process.name': text('syslog.app'),
    'process.pid': number('syslog.process'),
    'process.command_line': SYSLOG_AUTH.command,
    'user.name': SYSLOG_AUTH.user,
    'user.target.name': SYSLOG_AUTH.target,
    'source.ip': SYSLOG_AUTH.sourceIp,
    'source.port': SYSLOG_AUTH.sourcePort,
    'source.address': SYSLOG_AUTH.sourceAddress,
  },
})

const hostAt = reach('syslog.host')
const peerAt = ip('syslog.peer')

function peerIp(record: JsonObject): ReturnType<Row['read']> {
  return hostAt(record) === undefined ? peerAt.read(record) : undefined
}
