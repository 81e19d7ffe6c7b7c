import type { Command } from 'commander'
import { example } from '../example.ts'

/** `weir verify`: do the books balance and the chains hold. */
export function addVerify(program: Command): void {
  program
    .command('verify')
    .description("read an aggregator's store back: the file, the books, the chains, the evidence")
    .requiredOption('--config <file>', 'configuration of the aggregator, which may be running')
    .option('--json', 'one JSON object')
    .addHelpText(
      'after',
      `${example('weir verify --config /etc/weir/aggregator.json')}\n\nExit 1 when something is wrong.`,
    )
    .action(async ({ config, json }: { config: string; json?: boolean }) => {
      const { runVerify } = await import('../verify.ts')
      await runVerify(config, json === true, process)
    })
}
