import type { Command } from 'commander'
import { example } from '../example.ts'

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
    .action(async ({ input }: { input: string[] }) => {
      const { runNormalize } = await import('../normalize.ts')
      await runNormalize(input, process)
    })
}
