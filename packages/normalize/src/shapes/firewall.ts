import { isObject, type JsonObject } from '@weir/model'
import { numberOf, textOf } from '../read.ts'

/**
 * Azure Firewall's older categories tell all in one sentence, `properties.msg`: taken apart into the columns that
 * the structured categories have. What the sentence does not say stays away; the sentence itself stays.
 */
export function firewallShape(record: JsonObject): JsonObject {
  const { properties } = record
  const message = isObject(properties) ? textOf(properties.msg) : undefined
  if (!isObject(properties) || message === undefined) return record
  return { ...record, properties: { ...columnsOf(message), ...properties } }
}

function columnsOf(message: string): JsonObject {
  const query = DNS.exec(message)
  if (query !== null) return queryOf(query)
  const request = REQUEST.exec(message)
  return { ...(request === null ? {} : requestOf(request)), ...labelled(message) }
}

/** `DNS Request: 10.0.2.4:61248 - 6513 A IN wpad.example.com. udp 43 false 512 NXDOMAIN qr,rd,ra 145 0.0028s` */
const DNS =
  /^DNS Request: (\S+) - (\d+) (\S+) (\S+) (\S+) (\S+) (\d+) (\S+) (\d+) (\S+) (\S+) (\d+) ([\d.]+)s/

function queryOf(found: RegExpExecArray): JsonObject {
  const [, source, id, type, family, name, protocol, size, dnssec, buffer, code, flags, answer, seconds] =
    found as unknown as readonly string[]
  return {
    ...endpoint('Source', 'Ip', source),
    QueryId: numberOf(id),
    QueryType: type,
    QueryClass: family,
    QueryName: name,
    Protocol: protocol,
    RequestSize: numberOf(size),
    DnssecOkBit: dnssec === 'true',
    EDNS0BufferSize: numberOf(buffer),
    ResponseCode: code,
    ResponseFlags: flags,
    ResponseSize: numberOf(answer),
    RequestDurationSecs: numberOf(seconds),
  }
}

/** `TCP request from 10.0.0.4:5 to 203.0.113.9:443`, `ICMP Type=8 request from 10.0.0.4 to 203.0.113.9`. */
const REQUEST = /^([\w.]+) +(?:Type=(\d+) )?request from (\S+)(?: to (\S+))?(?: was DNAT'ed to (\S+))?/i

/** A target that is no address is a name. */
function requestOf(found: RegExpExecArray): JsonObject {
  const [, protocol, type, source, target, translated] = found
  const destination = endpoint('Destination', 'Ip', target)
  const isName = typeof destination.DestinationIp === 'string' && !ADDRESS.test(destination.DestinationIp)
  const { DestinationIp: name, ...port } = destination
  return {
    Protocol: protocol,
    ...(type !== undefined && { IcmpType: numberOf(type) }),
    ...endpoint('Source', 'Ip', source),
    ...(isName ? { Fqdn: name, ...port } : destination),
    ...(translated !== undefined && { ...endpoint('Translated', 'Ip', translated), Action: 'DNAT' }),
  }
}

const ADDRESS = /^[\d.]+$|^[\da-f]*:[\da-f:.]*$/i

/** `host:port` as two columns; brackets around an IPv6 address and the sentence's full stop go. */
function endpoint(side: string, kind: string, text: string | undefined): JsonObject {
  if (text === undefined) return {}
  const bare = withoutStop(text)
  const at = bare.lastIndexOf(':')
  const port = at > 0 && bare.indexOf(':') === at ? numberOf(bare.slice(at + 1)) : undefined
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(bare)
  if (bracketed !== null) return { [`${side}${kind}`]: bracketed[1], [`${side}Port`]: numberOf(bracketed[2]) }
  if (port === undefined) return { [`${side}${kind}`]: bare }
  return { [`${side}${kind}`]: bare.slice(0, at), [`${side}Port`]: port }
}

/** Labels of what follows the request, and the column that the structured categories have for it. */
const COLUMNS: ReadonlyMap<string, string> = new Map([
  ['Url', 'TargetUrl'],
  ['Action', 'Action'],
  ['Reason', 'ActionReason'],
  ['Policy', 'Policy'],
  ['Rule Collection Group', 'RuleCollectionGroup'],
  ['Rule Collection', 'RuleCollection'],
  ['Rule', 'Rule'],
  ['Web Category', 'WebCategory'],
  ['Signature', 'SignatureId'],
  ['IDS', 'Description'],
  ['Priority', 'Severity'],
  ['Classification', 'Category'],
  ['ThreatIntel', 'ThreatDescription'],
])

const LABEL = new RegExp(`\\. (${[...COLUMNS.keys()].join('|')}): `, 'g')

/** A value goes on to the next label; behind the action's one word stands why. */
function labelled(message: string): JsonObject {
  const found = [...message.matchAll(LABEL)]
  const columns: JsonObject = {}
  for (const [i, label] of found.entries()) {
    const value = message.slice(label.index + label[0].length, found[i + 1]?.index)
    columns[COLUMNS.get(label[1] as string) as string] = withoutStop(value)
  }
  return typeof columns.Action === 'string' ? { ...columns, ...actionOf(columns.Action) } : columns
}

function actionOf(text: string): JsonObject {
  const [action, ...why] = text.split('. ')
  return why.length === 0 ? {} : { Action: action, ActionReason: why.join('. ') }
}

function withoutStop(text: string): string {
  let end = text.length
  while (end > 0 && (text[end - 1] === '.' || text[end - 1] === ' ')) end--
  return text.slice(0, end)
}
