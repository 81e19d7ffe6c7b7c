import { deviceOutcome, deviceSeverity, verdict } from '../device.ts'
import { parseTime } from '../parse-time.ts'
import { derived, first, folded, ip, mapped, number, type Row, reach, text } from '../read.ts'
import { dataset, HOUR_MS } from '../table.ts'
import { SYSLOG_HEADER, syslogId } from './system-syslog.ts'

/** Security devices that write the Common Event Format. */
export const CEF_LOG = dataset({
  name: 'cef.log',
  latenessMs: HOUR_MS,
  time: (record) => parseTime(timeAt(record)) ?? parseTime(record.time),
  id: syslogId,
  columns: (record) => [record.time, record.syslog, record.cef],
  rows: {
    ...SYSLOG_HEADER,
    message: first(extension('msg'), text('cef.name')),
    'event.action': folded(first(extension('act'), text('cef.name'))),
    'event.code': text('cef.classId'),
    'event.severity': deviceSeverity(text('cef.severity')),
    'event.outcome': deviceOutcome(extension('outcome')),
    'event.type': verdict(extension('act')),
    'event.reason': extension('reason'),
    'event.start': text('cef.start'),
    'event.end': text('cef.end'),
    'event.provider': text('cef.product'),
    'observer.vendor': text('cef.vendor'),
    'observer.product': text('cef.product'),
    'observer.version': text('cef.deviceVersion'),
    'observer.hostname': folded(first(extension('dvchost'), text('syslog.host'))),
    'observer.ip': first(address('dvc'), ip('syslog.host'), ip('syslog.peer')),
    'observer.serial_number': extension('deviceExternalId'),
    'rule.name': first(custom('Rule'), custom('Rule Name'), custom('rule'), text('cef.name')),
    'rule.id': text('cef.classId'),
    'source.ip': first(address('src'), sixth('source', 'c6a2')),
    'source.port': extensionNumber('spt'),
    'source.address': first(extension('src'), extension('shost')),
    'source.domain': folded(extension('shost')),
    'source.mac': extension('smac'),
    'source.bytes': extensionNumber('in'),
    'source.nat.ip': address('sourceTranslatedAddress'),
    'source.nat.port': extensionNumber('sourceTranslatedPort'),
    'destination.ip': first(address('dst'), sixth('destination', 'c6a3')),
    'destination.port': extensionNumber('dpt'),
    'destination.address': first(extension('dst'), extension('dhost')),
    'destination.domain': folded(first(extension('dhost'), extension('destinationDnsDomain'))),
    'destination.mac': extension('dmac'),
    'destination.bytes': extensionNumber('out'),
    'destination.nat.ip': address('destinationTranslatedAddress'),
    'destination.nat.port': extensionNumber('destinationTranslatedPort'),
    'network.transport': folded(extension('proto')),
    'network.application': folded(extension('app')),
    'network.direction': mapped(extension('deviceDirection'), 'name', (code) => DIRECTIONS[Number(code)]),
    'observer.ingress.interface.name': extension('deviceInboundInterface'),
    'observer.egress.interface.name': extension('deviceOutboundInterface'),
    'user.name': folded(extension('suser')),
    'user.id': extension('suid'),
    'user.domain': folded(extension('sntdom')),
    'user.target.name': folded(extension('duser')),
    'user.target.id': extension('duid'),
    'user.target.domain': folded(extension('dntdom')),
    'host.name': folded(
      first(extension('dvchost'), text('syslog.host'), extension('dvc'), text('syslog.peer')),
    ),
    'url.original': extension('request'),
    'http.request.method': extension('requestMethod'),
    'http.request.referrer': extension('requestContext'),
    'user_agent.original': extension('requestClientApplication'),
    'file.name': mapped(first(extension('fname'), extension('filePath')), 'last segment', lastSegment),
    'file.path': extension('filePath'),
    'file.size': extensionNumber('fsize'),
    'file.hash.md5': hash('fileHash', 32),
    'file.hash.sha1': hash('fileHash', 40),
    'file.hash.sha256': hash('fileHash', 64),
    'process.name': mapped(first(extension('sproc'), extension('dproc')), 'last segment', lastSegment),
    'process.executable': first(extension('sproc'), extension('dproc')),
    'process.pid': first(extensionNumber('spid'), extensionNumber('dpid')),
    'service.name': first(extension('destinationServiceName'), extension('sourceServiceName')),
    'cef.external_id': extension('externalId'),
    'cef.event_count': extensionNumber('cnt'),
    'cef.device_event_category': extension('cat'),
    'cef.custom': derived('pairs of value and label as JSON', (record) => {
      const pairs = customAt(record)
      return pairs === undefined ? undefined : JSON.stringify(pairs)
    }),
  },
})

const DIRECTIONS = ['inbound', 'outbound']

const timeAt = reach('cef.time')
const customAt = reach('cef.custom')

function extension(key: string): Row {
  return text(['cef', 'extensions', key])
}

function extensionNumber(key: string): Row {
  return number(['cef', 'extensions', key])
}

function address(key: string): Row {
  return ip(['cef', 'extensions', key])
}

function custom(label: string): Row {
  return text(['cef', 'custom', label])
}

/** IPv6 addresses stand in custom fields: which is whose, their labels say, else the dictionary. */
function sixth(side: 'source' | 'destination', usual: string): Row {
  const word = side === 'source' ? /\b(?:source|src)\b/i : /\b(?:dest|dst|destination)\b/i
  return derived(`the c6a extension labelled ${side}, else ${usual}`, (record) => {
    const pairs = customAt(record)
    const label = Object.keys(typeof pairs === 'object' && pairs !== null ? pairs : {}).find(
      (each) => /ipv6/i.test(each) && word.test(each),
    )
    if (label !== undefined) return ip(['cef', 'custom', label]).read(record)
    return address(usual).read(record)
  })
}

function hash(key: string, digits: number): Row {
  const pattern = new RegExp(`^[\\da-f]{${digits}}$`, 'i')
  return mapped(extension(key), `${digits} hexadecimal digits`, (value) =>
    pattern.test(value) ? value.toLowerCase() : undefined,
  )
}

export function lastSegment(path: string): string | undefined {
  return path.split(/[\\/]/).at(-1) || undefined
}
