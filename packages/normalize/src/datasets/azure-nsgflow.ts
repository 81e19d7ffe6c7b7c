import type { JsonObject } from '@weir/model'
import { count, directionOf, FLOW_ROWS, flowColumns, splitTuples, stateOf } from '../flow.ts'
import { parseTime } from '../parse-time.ts'
import { member } from '../read.ts'
import { dataset, HOUR_MS } from '../table.ts'

/** Flows through a network security group, versions 1 and 2; one event per tuple. */
export const AZURE_NSGFLOW = dataset({
  name: 'azure.nsgflow',
  latenessMs: 2 * HOUR_MS,
  time: (record) => parseTime(record.time) ?? parseTime(record.recordTime),
  columns: flowColumns,
  split: (record) =>
    splitTuples(member(record.properties, 'flows'), 'flows', (rule, group, tuple) =>
      flowOf(record, rule, group, tuple),
    ),
  rows: FLOW_ROWS,
})

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
