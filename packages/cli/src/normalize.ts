import type { RawMessage } from '@weir/model'
import { toEcs } from '@weir/normalize'
import type { WeirError } from '@weir/runtime'
import { tellBrokenOff } from './broken-off.ts'
import { eventsIn } from './events.ts'
import { EXIT } from './exit.ts'
import { inputsOf } from './inputs.ts'
import { type Output, outputOf } from './output.ts'

/** Prints every event of some inputs, and tells the records that cannot be read. */
export async function runNormalize(paths: readonly string[], of: NodeJS.Process): Promise<void> {
  const output = outputOf(of)
  const inputs = await inputsOf(paths, of)
  const ended = (_file: string, failure?: WeirError): void => {
    if (failure !== undefined) tellBrokenOff(failure, output)
  }
  for (const { name, messages } of inputs.watched({ read: () => undefined, ended })) {
    for (let next = await messages.next(); next.done !== true; next = await messages.next()) {
      tellMessage(name, next.value, output)
      await output.ready()
    }
  }
}

function tellMessage(name: string, message: RawMessage, output: Output): void {
  const { events, unreadable } = eventsIn(name, message)
  for (const event of events) output.json(toEcs(event))
  for (const line of unreadable) output.note(line)
  if (unreadable.length > 0) process.exitCode = EXIT.findings
}
