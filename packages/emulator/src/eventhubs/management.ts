import rhea, { type Message } from 'rhea'
import type { Hub, Hubs } from './hubs.ts'
import type { Partition } from './partition.ts'
import { type Answer, refused } from './request-node.ts'

/** Answers a request to `$management`: the properties of a hub or of one of its partitions. */
export function readProperties(hubs: Hubs, request: Message): Answer {
  const { operation, type, name, partition } = request['application_properties'] ?? {}
  if (operation !== 'READ') return refused('amqp:not-implemented', `Operation ${operation} is not known.`)
  const hub = hubs.hub(String(name))
  if (hub === undefined) return refused('amqp:not-found', `There is no hub ${name}.`)
  if (type === 'com.microsoft:eventhub') return { status: 200, description: 'OK', body: hubProperties(hub) }
  if (type !== 'com.microsoft:partition') return refused('amqp:not-implemented', `Type ${type} is not known.`)
  const found = hubs.partition(hub.name, String(partition))
  if (found === undefined)
    return refused('com.microsoft:argument-out-of-range', `Hub ${hub.name} has no partition ${partition}.`)
  return { status: 200, description: 'OK', body: partitionProperties(found) }
}

function hubProperties(hub: Hub) {
  const ids = hub.partitions.map((partition) => partition.number)
  return rhea.types.wrap_map({
    name: hub.name,
    type: 'com.microsoft:eventhub',
    created_at: rhea.types.wrap_timestamp(
      Math.min(...hub.partitions.map((partition) => partition.createdAt)),
    ),
    partition_count: rhea.types.wrap_int(ids.length),
    partition_ids: rhea.types.wrap_array(ids, 0xa1, undefined),
    georeplication_factor: rhea.types.wrap_int(1),
  })
}

function partitionProperties(partition: Partition) {
  const { seq, offset, at } = partition.last
  return rhea.types.wrap_map({
    name: partition.hub,
    type: 'com.microsoft:partition',
    partition: partition.number,
    begin_sequence_number: rhea.types.wrap_long(partition.begin),
    last_enqueued_sequence_number: rhea.types.wrap_long(seq),
    last_enqueued_offset: String(offset),
    last_enqueued_time_utc: rhea.types.wrap_timestamp(at),
    is_partition_empty: partition.begin === partition.next,
  })
}
