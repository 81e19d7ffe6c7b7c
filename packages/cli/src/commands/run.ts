import { runAggregator } from '@weir/aggregator'
import { runForwarder } from '@weir/forwarder'
import type { Command } from 'commander'

/** `weir aggregator` and `weir forwarder`: the two sides. */
export function addRunCommands(program: Command): void {
  program
    .command('aggregator')
    .description('run the side in the cloud until SIGINT or SIGTERM')
    .requiredOption('--config <file>', 'configuration, JSON')
    .addHelpText('after', '\nExample:\n  weir aggregator --config /etc/weir/aggregator.json')
    .action(({ config }: { config: string }) => runAggregator(config, process))
  program
    .command('forwarder')
    .description('run the side on premises until SIGINT or SIGTERM')
    .requiredOption('--config <file>', 'configuration, JSON')
    .addHelpText('after', '\nExample:\n  weir forwarder --config /etc/weir/forwarder.json')
    .action(({ config }: { config: string }) => runForwarder(config, process))
}
