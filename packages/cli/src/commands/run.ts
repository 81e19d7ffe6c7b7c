import type { Command } from 'commander'
import { example } from '../example.ts'

/** `weir aggregator`: the side in the cloud. */
export function addAggregator(program: Command): void {
  program
    .command('aggregator')
    .description('run the side in the cloud until SIGINT or SIGTERM')
    .requiredOption('--config <file>', 'configuration, JSON')
    .option('--json', 'accepted for evenness: the line that says it is ready, and the log, are JSON anyway')
    .addHelpText('after', example('weir aggregator --config /etc/weir/aggregator.json'))
    .action(async ({ config }: { config: string }) => {
      const { runAggregator } = await import('@weir/aggregator')
      await runAggregator(config, process)
    })
}

/** `weir forwarder`: the side on premises. */
export function addForwarder(program: Command): void {
  program
    .command('forwarder')
    .description('run the side on premises until SIGINT or SIGTERM')
    .requiredOption('--config <file>', 'configuration, JSON')
    .option('--json', 'accepted for evenness: the line that says it is ready, and the log, are JSON anyway')
    .addHelpText('after', example('weir forwarder --config /etc/weir/forwarder.json'))
    .action(async ({ config }: { config: string }) => {
      const { runForwarder } = await import('@weir/forwarder')
      await runForwarder(config, process)
    })
}
