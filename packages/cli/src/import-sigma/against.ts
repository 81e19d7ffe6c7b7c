import { type ImportedRule, Sightings } from '@weir/engine'
import type { Event, RawMessage } from '@weir/model'
import { classify, eventsOf, unwrap } from '@weir/normalize'
import { tellBrokenOff } from '../broken-off.ts'
import { inputsOf } from '../inputs.ts'
import { outputOf } from '../output.ts'

/** Shows every record of some inputs to the rules. Throws `WeirError` INPUT_UNREADABLE. */
export async function sightingsOver(
  paths: readonly string[],
  rules: readonly ImportedRule[],
  of: NodeJS.Process,
): Promise<Sightings> {
  const sightings = new Sightings(rules)
  const inputs = await inputsOf(paths, of)
  const output = outputOf(of)
  const watch = {
    read: () => undefined,
    ended: (_file: string, failure?: Parameters<typeof tellBrokenOff>[0]) =>
      failure === undefined ? undefined : tellBrokenOff(failure, output),
  }
  for (const { messages } of inputs.watched(watch)) {
    for (let next = await messages.next(); next.done !== true; next = await messages.next()) {
      for (const event of eventsIn(next.value)) sightings.see(event)
    }
  }
  return sightings
}

function eventsIn({ at, arrival, bytes, dataset: hint }: RawMessage): readonly Event[] {
  const unwrapped = unwrap(bytes)
  const origin = {
    source: 'against',
    partition: '',
    at,
    arrival,
    bytesOf: (n: number) => unwrapped.bytesOf(n),
  }
  const events: Event[] = []
  for (const [index, record] of unwrapped.records.entries())
    eventsOf(record, classify(record, hint), origin, index, events)
  return events
}
