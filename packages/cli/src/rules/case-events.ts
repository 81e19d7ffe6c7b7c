import { readFile } from 'node:fs/promises'
import type { Event } from '@weir/model'
import { readRuleCases } from '@weir/pipeline'
import { WeirError } from '@weir/runtime'
import { eventsIn } from '../events.ts'
import type { Output } from '../output.ts'

/** An event to explain, and the case of a test file that it comes from. */
export interface EventToExplain {
  readonly event: Event
  readonly of?: string
}

/** The events of the records in a `<rule>.test.json`, case by case. Throws `WeirError` INPUT_UNREADABLE. */
export async function* caseEvents(path: string, output: Output): AsyncGenerator<EventToExplain> {
  const encoder = new TextEncoder()
  for (const { name, events: records } of readRuleCases(path, await textOf(path))) {
    for (const [index, record] of records.entries()) {
      const bytes = encoder.encode(JSON.stringify(record))
      const { events, unreadable } = eventsIn(path, { bytes, at: `${name}/${index}`, arrival: 0 })
      for (const line of unreadable) output.note(line)
      yield* events.map((event) => ({ event, of: name }))
    }
  }
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new WeirError('INPUT_UNREADABLE', `cannot read ${path}`, { cause })
  }
}
