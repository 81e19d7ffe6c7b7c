import type { JsonObject } from '@weir/model'
import { allMembers } from '../all-members.ts'
import { parseTime } from '../parse-time.ts'
import { first, folded, ip, list, number, port, type Row, text } from '../read.ts'
import { dataset, HOUR_MS } from '../table.ts'

/** Records of no known shape: the names that ECS itself uses, and those that most producers would. */
export const GENERIC = dataset({
  name: 'generic',
  latenessMs: 2 * HOUR_MS,
  time,
  columns: allMembers,
  rows: {
    'event.action': folded(
      first(ecs('event.action'), text('operationName'), text('action'), text('eventName')),
    ),
    'event.outcome': folded(ecs('event.outcome')),
    'event.category': first(list('event.category'), ecs('event.category')),
    'event.type': first(list('event.type'), ecs('event.type')),
    'event.code': ecs('event.code'),
    'event.reason': ecs('event.reason'),
    'event.provider': ecs('event.provider'),
    message: first(text('message'), text('msg')),
    'log.level': folded(first(ecs('log.level'), text('level'), text('severity'))),
    'user.name': folded(first(ecs('user.name'), text('user'), text('username'), text('userName'))),
    'user.id': first(ecs('user.id'), text('userId')),
    'user.email': folded(first(ecs('user.email'), text('email'))),
    'user.full_name': ecs('user.full_name'),
    'user.target.name': folded(ecs('user.target.name')),
    'user.target.id': ecs('user.target.id'),
    'host.name': folded(first(ecs('host.name'), text('host'), text('hostname'))),
    'source.ip': first(
      ip('source.ip'),
      ip(['source.ip']),
      ip('sourceIp'),
      ip('src_ip'),
      ip('clientIp'),
      ip('ip'),
    ),
    'source.port': first(
      number('source.port'),
      number(['source.port']),
      number('sourcePort'),
      port('clientIp'),
    ),
    'source.address': first(ecs('source.address'), text('source.ip'), text('sourceIp'), text('clientIp')),
    'destination.ip': first(ip('destination.ip'), ip(['destination.ip']), ip('destinationIp'), ip('dst_ip')),
    'destination.port': first(
      number('destination.port'),
      number(['destination.port']),
      number('destinationPort'),
    ),
    'network.transport': folded(ecs('network.transport')),
    'user_agent.original': first(ecs('user_agent.original'), text('userAgent')),
    'url.original': first(ecs('url.original'), text('url')),
    'http.response.status_code': first(number('http.response.status_code'), number('statusCode')),
    'file.path': ecs('file.path'),
    'file.name': ecs('file.name'),
    'process.name': ecs('process.name'),
    'cloud.provider': ecs('cloud.provider'),
    'cloud.account.id': ecs('cloud.account.id'),
    'cloud.region': ecs('cloud.region'),
    'organization.id': ecs('organization.id'),
  },
})

/** The first is the event time of every table of a Log Analytics workspace, whatever else a row names. */
const TIMES = [
  'TimeGenerated',
  '@timestamp',
  'time',
  'timestamp',
  'eventTime',
  'CreationTime',
  'createdDateTime',
] as const

function time(record: JsonObject): number | undefined {
  for (const key of TIMES) {
    const value = parseTime(record[key])
    if (value !== undefined) return value
  }
  return parseTime(record.Timestamp ?? record.timeStamp ?? record.Time ?? record.date)
}

/** An ECS name, nested or with its dots in one key. */
function ecs(name: string): Row {
  return first(text(name), text([name]))
}
