import { type FieldValue, isObject, type JsonObject, type JsonValue } from '@weir/model'
import { arm, constant, derived, folded, number, type Row, text, textOf } from './read.ts'

/**
 * Rows of one flow: the split record is flat. `time` is the flow's in epoch milliseconds, `recordTime` that of
 * the record it was cut from; `state` is begin, continuing, end or denied; `tuple` the provider's text.
 */
export const FLOW_ROWS: Readonly<Record<string, Row>> = {
  'cloud.provider': constant('azure'),
  'cloud.service.name': constant('network watcher'),
  'cloud.account.id': arm('resourceId', 'subscription'),
  'event.category': constant(['network']),
  'event.action': derived('allowed or denied', (record) => decision(record)),
  'event.outcome': derived('success where allowed, failure where denied', (record) =>
    decision(record) === 'denied' ? 'failure' : 'success',
  ),
  'event.type': derived('connection, its decision and its state', types),
  'event.code': text('state'),
  'source.ip': text('sourceIp'),
  'source.address': text('sourceIp'),
  'source.port': number('sourcePort'),
  'source.bytes': number('bytesSent'),
  'source.packets': number('packetsSent'),
  'destination.ip': text('destinationIp'),
  'destination.address': text('destinationIp'),
  'destination.port': number('destinationPort'),
  'destination.bytes': number('bytesReceived'),
  'destination.packets': number('packetsReceived'),
  'network.transport': folded(text('transport')),
  'network.iana_number': text('protocolNumber'),
  'network.direction': text('direction'),
  'network.bytes': sum('bytesSent', 'bytesReceived'),
  'network.packets': sum('packetsSent', 'packetsReceived'),
  'rule.name': text('rule'),
  'azure.resource.id': folded(text('resourceId')),
  'azure.resource.group': arm('resourceId', 'group'),
  'azure.resource.name': arm('resourceId', 'name'),
  'azure.subscription_id': arm('resourceId', 'subscription'),
  'azure.flow.mac': folded(text('macAddress')),
  'azure.flow.state': text('state'),
  'azure.flow.encryption': text('encryption'),
  'azure.flow.acl_id': folded(text('aclId')),
}

function decision(record: JsonObject): string {
  return record.denied === true ? 'denied' : 'allowed'
}

function types(record: JsonObject): readonly string[] {
  const state = textOf(record.state)
  const phase = state === 'begin' ? ['start'] : state === 'end' ? ['end'] : []
  return ['connection', decision(record), ...phase]
}

function sum(a: string, b: string): Row {
  return derived(`${a} + ${b}`, (record): FieldValue => {
    const one = record[a]
    const other = record[b]
    if (typeof one !== 'number' && typeof other !== 'number') return undefined
    return (typeof one === 'number' ? one : 0) + (typeof other === 'number' ? other : 0)
  })
}

const STATES: ReadonlyMap<string, string> = new Map([
  ['B', 'begin'],
  ['C', 'continuing'],
  ['E', 'end'],
  ['D', 'denied'],
])

export function stateOf(letter: string | undefined): string | undefined {
  return STATES.get(letter ?? '')
}

export function directionOf(letter: string | undefined): string | undefined {
  return letter === 'I' ? 'inbound' : letter === 'O' ? 'outbound' : undefined
}

/** A tuple's number; its empty columns are nothing. */
export function count(column: string | undefined): number | undefined {
  return column === undefined || column === '' ? undefined : Number(column)
}

/** One flat record per tuple of a flow log: lists of flows, each with groups under `inner`, each with tuples. */
export function splitTuples(
  flows: JsonValue | undefined,
  inner: string,
  flowOf: (outer: JsonObject, group: JsonObject, tuple: string) => JsonObject,
): readonly JsonObject[] {
  const split: JsonObject[] = []
  for (const outer of objects(flows)) {
    for (const group of objects(outer[inner])) {
      for (const tuple of Array.isArray(group['flowTuples']) ? group['flowTuples'] : []) {
        if (typeof tuple === 'string') split.push(flowOf(outer, group, tuple))
      }
    }
  }
  return split
}

function objects(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

/** The columns that stand for a flow's id: its record's, and what the tuple says. */
export function flowColumns(record: JsonObject): readonly (string | undefined)[] {
  return [
    textOf(record.recordTime),
    textOf(record.resourceId)?.toLowerCase(),
    textOf(record.macAddress)?.toLowerCase(),
    textOf(record.rule),
    textOf(record.tuple),
  ]
}
