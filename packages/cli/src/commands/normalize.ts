import type { Event, RawMessage } from '@weir/model'
import { classify, eventsOf, toEcs, unwrap } from '@weir/normalize'
import type { WeirError } from '@weir/runtime'
import type { Command } from 'commander'
import { tellBrokenOff } from '../broken-off.ts'
import { example } from '../example.ts'
import { EXIT } from '../exit.ts'
import { inputsOf } from '../inputs.ts'
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
    .addHelpText(
      'after',
      `${example('weir normalize --input PT1H.json | head -1')}\n\nExit 1 when a record could not be read; standard error says which and why.`,
    )
    .action(async ({ input }: { input: string[] }) => runNormalize(input, outputOf(process)))
}

async function runNormalize(paths: readonly string[], output: Output): Promise<void> {
  const inputs = await inputsOf(paths, process)
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
  const { at, arrival, bytes, dataset: hint } = message
  const { records, quarantined, ...unwrapped } = unwrap(bytes)
  const origin = {
    source: 'normalize',
    partition: name,
    at,
    arrival,
    bytesOf: (n: number) => unwrapped.bytesOf(n),
  }
  for (const [index, record] of records.entries()) {
    const events: Event[] = []
    eventsOf(record, classify(record, hint), origin, index, events)
    for (const event of events) output.json(toEcs(event))
  }
  for (const { reason, index } of quarantined) output.note(`${name}@${at} record ${index}: ${reason}`)
  if (quarantined.length > 0) process.exitCode = EXIT.findings
}
