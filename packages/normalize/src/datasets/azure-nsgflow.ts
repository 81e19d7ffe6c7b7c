import { isObject, type JsonObject, type JsonValue } from '@weir/model'
import { count, directionOf, FLOW_ROWS, flowColumns, stateOf } from '../flow.ts'
import { parseTime } from '../parse-time.ts'
import { member } from '../read.ts'
import { dataset, HOUR_MS } from '../table.ts'

/** Flows through a network security group, versions 1 and 2; one event per tuple. */
export const AZURE_NSGFLOW = dataset({
  name: 'azure.nsgflow',
  latenessMs: 2 * HOUR_MS,
  time: (record) => parseTime(record.time) ?? parseTime(record.recordTime),
  columns: flowColumns,
  split,
  rows: FLOW_ROWS,
})

function split(record: JsonObject): readonly JsonObject[] {
  const flows: JsonObject[] = []
  for (const rule of objects(member(record.properties, 'flows'))) {
    for (const group of objects(rule.flows)) {
      for (const tuple of Array.isArray(group.flowTuples) ? group.flowTuples : []) {
        if (typeof tuple === 'string') flows.push(flowOf(record, rule, group, tuple))
      }
    }
  }
  return flows
}

function objects(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

const TRANSPORTS: ReadonlyMap<string, string> = new Map([
  ['T', 'tcp'],
  ['U', 'udp'],
])

function flowOf(record: JsonObject, rule: JsonObject, group: JsonObject, tuple: string): JsonObject {
  const columns = tuple.split(',')
  return {
    time: parseTime(count(columns[0])),
    recordTime: record.time,
    resourceId: record.resourceId,
    systemId: record.systemId,
    macAddress: group.mac ?? record.macAddress,
    rule: rule.rule,
    sourceIp: columns[1],
    destinationIp: columns[2],
    sourcePort: count(columns[3]),
    destinationPort: count(columns[4]),
    transport: TRANSPORTS.get(columns[5] ?? ''),
    direction: directionOf(columns[6]),
    denied: columns[7] === 'D',
    state: stateOf(columns[8]),
    packetsSent: count(columns[9]),
    bytesSent: count(columns[10]),
    packetsReceived: count(columns[11]),
    bytesReceived: count(columns[12]),
    tuple,
  }
}
