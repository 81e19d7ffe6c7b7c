import type { Dataset, Event, JsonObject, Origin } from '@weir/model'

/** Pushes the events of one record to `out`: one, or one per flow tuple; without a time of its own, its arrival. */
export function eventsOf(
  record: JsonObject,
  dataset: Dataset,
  origin: Origin,
  index: number,
  out: Event[],
): void {
  if (dataset.split === undefined) {
    out.push({ dataset, record, time: dataset.time(record) ?? origin.arrival, origin, index, part: 0 })
    return
  }
  const parts = dataset.split(record)
  for (let part = 0; part < parts.length; part++) {
    const each = parts[part] as JsonObject
    out.push({ dataset, record: each, time: dataset.time(each) ?? origin.arrival, origin, index, part })
  }
}
