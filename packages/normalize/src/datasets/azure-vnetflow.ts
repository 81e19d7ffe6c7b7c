import type { JsonObject } from '@weir/model'
import { count, directionOf, FLOW_ROWS, flowColumns, splitTuples, stateOf } from '../flow.ts'
import { parseTime } from '../parse-time.ts'
import { member } from '../read.ts'
import { dataset, HOUR_MS } from '../table.ts'

/** Flows through a virtual network, version 4; one event per tuple. */
export const AZURE_VNETFLOW = dataset({
  name: 'azure.vnetflow',
  latenessMs: 2 * HOUR_MS,
  time: (record) => parseTime(record.time) ?? parseTime(record.recordTime),
  columns: flowColumns,
  split: (record) =>
    splitTuples(member(record.flowRecords, 'flows'), 'flowGroups', (acl, group, tuple) =>
      flowOf(record, acl, group, tuple),
    ),
  rows: FLOW_ROWS,
})

/** IANA numbers of the protocols that ECS names. */
const TRANSPORTS: ReadonlyMap<string, string> = new Map([
  ['1', 'icmp'],
  ['6', 'tcp'],
  ['17', 'udp'],
  ['50', 'esp'],
  ['58', 'ipv6-icmp'],
  ['132', 'sctp'],
])

function flowOf(record: JsonObject, acl: JsonObject, group: JsonObject, tuple: string): JsonObject {
  const columns = tuple.split(',')
  return {
    time: parseTime(count(columns[0])),
    recordTime: record.time,
    resourceId: record.targetResourceID ?? record.flowLogResourceID,
    flowLogId: record.flowLogResourceID,
    flowLogGuid: record.flowLogGUID,
    macAddress: record.macAddress,
    aclId: acl.aclID,
    rule: group.rule,
    sourceIp: columns[1],
    destinationIp: columns[2],
    sourcePort: count(columns[3]),
    destinationPort: count(columns[4]),
    protocolNumber: columns[5],
    transport: TRANSPORTS.get(columns[5] ?? ''),
    direction: directionOf(columns[6]),
    denied: columns[7] === 'D',
    state: stateOf(columns[7]),
    encryption: columns[8],
    packetsSent: count(columns[9]),
    bytesSent: count(columns[10]),
    packetsReceived: count(columns[11]),
    bytesReceived: count(columns[12]),
    tuple,
  }
}
