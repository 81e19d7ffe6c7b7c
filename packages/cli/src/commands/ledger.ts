import type { Command } from 'commander'
import { withConnection } from '../connection-options.ts'
import { example } from '../example.ts'
import { wholeOption } from '../options.ts'

/** `weir ledger`: what was read, what crossed the link, and what took it. */
export function addLedger(program: Command): void {
  withConnection(
    program.command('ledger').description('count what was read, what crossed the link, and what took it'),
  )
    .option('--days <n>', 'days of UTC, with today', wholeOption, 7)
    .option('--json', 'the ledger as the API tells it, with its differences, in one line')
    .addHelpText(
      'after',
      `${example('weir ledger --url https://weir.example:8443', 'weir ledger --days 31 --json | jq .link.share')}\n\nExit 1 when a forwarder counted more than 1 % otherwise than the aggregator in a day on which no connection broke.`,
    )
    .action(async (options) => {
      const { showLedger } = await import('../ledger/show.ts')
      await showLedger(options, process)
    })
}
