import type { JsonObject, JsonValue } from '@weir/model'

/** Every member of a record with its key, in a fixed order: the columns of a shape that names none. */
export function allMembers(record: JsonObject): readonly (JsonValue | undefined)[] {
  const keys = Object.keys(record).filter(isStable).sort()
  return keys.flatMap((key) => [key, record[key]])
}

/** What a stream processor in between adds is different at each delivery. */
function isStable(key: string): boolean {
  return key !== 'EventProcessedUtcTime' && key !== 'EventEnqueuedUtcTime' && key !== 'PartitionId'
}
