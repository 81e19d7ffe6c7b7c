import type { Command } from 'commander'
import { example } from '../example.ts'

/** `weir replay`: what would these rules have said of these logs. */
export function addReplay(program: Command): void {
  program
    .command('replay')
    .description('run the whole line over files or folders, and say what it found')
    .requiredOption('--rules <dir...>', 'folders of rules')
    .requiredOption(
      '--input <path...>',
      'files or folders of records, compressed or not; - is standard input',
    )
    .option('--matches <file>', 'write a JSON line for every match')
    .option('--alerts <file>', 'write a JSON line for every alert, its last revision')
    .option('--json', 'end with one JSON object')
    .addHelpText(
      'after',
      `${example('weir replay --rules rules --input logs/ --alerts alerts.ndjson --json')}\n\nExit 1 when an input broke off; what came before it counts.`,
    )
    .action(async (options) => {
      const { runReplay } = await import('../replay/run.ts')
      await runReplay(options, process)
    })
}
