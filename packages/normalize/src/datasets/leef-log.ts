import { deviceOutcome, deviceSeverity, verdict } from '../device.ts'
import { parseTime } from '../parse-time.ts'
import { first, folded, ip, mapped, number, type Row, reach, text } from '../read.ts'
import { dataset, HOUR_MS } from '../table.ts'
import { lastSegment } from './cef-log.ts'
import { SYSLOG_HEADER, syslogId } from './system-syslog.ts'

/** Security devices that write the Log Event Extended Format. */
export const LEEF_LOG = dataset({
  name: 'leef.log',
  latenessMs: HOUR_MS,
  time: (record) => parseTime(timeAt(record)) ?? parseTime(record.time),
  id: syslogId,
  columns: (record) => [record.time, record.syslog, record.leef],
  rows: {
    ...SYSLOG_HEADER,
    message: first(attribute('msg'), attribute('message')),
    'event.action': folded(first(attribute('action'), attribute('act'), text('leef.eventId'))),
    'event.code': text('leef.eventId'),
    'event.severity': deviceSeverity(attribute('sev')),
    'event.outcome': deviceOutcome(first(attribute('outcome'), attribute('result'))),
    'event.type': verdict(first(attribute('action'), attribute('act'))),
    'event.reason': attribute('reason'),
    'event.provider': text('leef.product'),
    'leef.category': attribute('cat'),
    'observer.vendor': text('leef.vendor'),
    'observer.product': text('leef.product'),
    'observer.version': text('leef.deviceVersion'),
    'observer.hostname': folded(text('syslog.host')),
    'observer.ip': first(ip('syslog.host'), ip('syslog.peer')),
    'rule.name': first(attribute('policy'), attribute('rule')),
    'source.ip': first(address('src'), address('identSrc')),
    'source.port': amount('srcPort'),
    'source.address': first(attribute('src'), attribute('identSrc')),
    'source.mac': first(attribute('srcMAC'), attribute('identMAC')),
    'source.bytes': amount('srcBytes'),
    'source.packets': amount('srcPackets'),
    'source.nat.ip': first(address('srcPostNAT'), address('srcPreNAT')),
    'source.nat.port': first(amount('srcPostNATPort'), amount('srcPreNATPort')),
    'destination.ip': address('dst'),
    'destination.port': amount('dstPort'),
    'destination.address': attribute('dst'),
    'destination.mac': attribute('dstMAC'),
    'destination.bytes': amount('dstBytes'),
    'destination.packets': amount('dstPackets'),
    'destination.nat.ip': first(address('dstPostNAT'), address('dstPreNAT')),
    'destination.nat.port': first(amount('dstPostNATPort'), amount('dstPreNATPort')),
    'network.transport': folded(attribute('proto')),
    'user.name': folded(first(attribute('usrName'), attribute('accountName'))),
    'user.domain': folded(first(attribute('domain'), attribute('realm'))),
    'user.roles': attribute('role'),
    'group.name': attribute('identGrpName'),
    'group.id': attribute('groupID'),
    'host.name': folded(
      first(attribute('identHostName'), attribute('identNetBios'), text('syslog.host'), text('syslog.peer')),
    ),
    'url.original': attribute('url'),
    'file.path': attribute('resource'),
    'file.name': mapped(attribute('resource'), 'last segment', lastSegment),
  },
})

const timeAt = reach('leef.time')

function attribute(key: string): Row {
  return text(['leef', 'attributes', key])
}

function amount(key: string): Row {
  return number(['leef', 'attributes', key])
}

function address(key: string): Row {
  return ip(['leef', 'attributes', key])
}
