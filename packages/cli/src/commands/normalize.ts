import type { Event } from '@weir/model'
import { classify, eventsOf, toEcs, unwrap } from '@weir/normalize'
import type { Command } from 'commander'
import { replayInputs } from '../inputs.ts'
import { type Output, outputOf } from '../output.ts'

/** `weir normalize`: records as the rules see them. */
export function addNormalize(program: Command): void {
  program
    .command('normalize')
    .description('print one normalized event (ECS) per line')
    .requiredOption(
      '--input <path...>',
      'files or folders of records, compressed or not; - is standard input',
    )
    .option('--json', 'accepted for evenness: events are JSON anyway')
    .addHelpText('after', '\nExample:\n  weir normalize --input PT1H.json | head -1')
    .action(async ({ input }: { input: string[] }) => runNormalize(input, outputOf(process)))
}

async function runNormalize(paths: readonly string[], output: Output): Promise<void> {
  let unreadable = 0
  for (const { name, messages } of await replayInputs(paths, process)) {
    for (let next = await messages.next(); next.done !== true; next = await messages.next()) {
      const { at, arrival, bytes, dataset: hint } = next.value
      const unwrapped = unwrap(bytes)
      const origin = {
        source: 'normalize',
        partition: name,
        at,
        arrival,
        bytesOf: (n: number) => unwrapped.bytesOf(n),
      }
      unwrapped.records.forEach((record, index) => {
        const events: Event[] = []
        eventsOf(record, classify(record, hint), origin, index, events)
        for (const event of events) output.json(toEcs(event))
      })
      for (const { reason, index } of unwrapped.quarantined)
        output.note(`${name}@${at} record ${index}: ${reason}`)
      unreadable += unwrapped.quarantined.length
    }
  }
  if (unreadable > 0) process.exitCode = 1
}
