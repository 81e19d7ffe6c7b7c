import type { Command } from 'commander'
import { withConnection } from '../connection-options.ts'
import { example } from '../example.ts'
import { wholeOption } from '../options.ts'
import { outputOf } from '../output.ts'

/** `weir quarantine …`: what the aggregator could not read, asked over its API. */
export function addQuarantine(program: Command): void {
  const quarantine = program
    .command('quarantine')
    .description('list the records that could not be read')
    .addHelpText('after', example('weir quarantine list --url https://weir.example:8443'))
  withConnection(quarantine.command('list').description('list what could not be read, the newest first'))
    .option('--limit <n>', 'records at most', wholeOption, 100)
    .option('--json', 'one record a line, with all of its bytes in base64')
    .addHelpText(
      'after',
      example(
        'weir quarantine list --url https://weir.example:8443',
        'weir quarantine list --limit 1 --json | jq -r .bytes | base64 -d',
      ) +
        '\n\nWithout --json: position, reason, size, and the first bytes with a dot for what is no plain character.',
    )
    .action(async (options) => {
      const { listQuarantine } = await import('../list-quarantine.ts')
      await listQuarantine(options, process.env, outputOf(process))
    })
}
