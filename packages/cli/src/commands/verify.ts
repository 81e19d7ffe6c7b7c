import { WeirError } from '@weir/runtime'
import type { Command } from 'commander'
import { withConnection } from '../connection-options.ts'
import { example } from '../example.ts'
import { timeOption, wholeOption } from '../options.ts'
import type { ReconcileOptions } from '../reconcile/run.ts'

/** `weir verify`: do the books balance and the chains hold; with `--reconcile`, do two sources have the same records. */
export function addVerify(program: Command): void {
  const verify = program
    .command('verify')
    .description("read an aggregator's store back, or hold two of its sources against each other")
    .requiredOption('--config <file>', 'configuration of the aggregator, which may be running')
    .option('--json', 'one JSON object')
    .option(
      '--reconcile <names...>',
      'two sources (event-hubs, blobs) of one diagnostic setting, instead of the store',
    )
    .option('--with <file>', 'JSON with further "sources", which the aggregator does not read')
    .option(
      '--from <time>',
      'event times from here: ISO 8601 (UTC without a zone) or epoch milliseconds',
      timeOption,
    )
    .option('--to <time>', 'up to, and without, this', timeOption)
    .option(
      '--late-hours <n>',
      'how long after its time an event may have arrived at the hub',
      wholeOption,
      2,
    )
    .option('--consumer-group <name>', 'to read the hub in, so that the aggregator is left alone')
    .option('--process', 'hand to the running aggregator what it missed; needs a token of role admin')
  withConnection(verify)
    .addHelpText(
      'after',
      `${example(
        'weir verify --config /etc/weir/aggregator.json',
        'weir verify --config /etc/weir/aggregator.json --reconcile hubs blobs --from 2026-03-10T08:00 --to 2026-03-10T12:00 --consumer-group reconcile',
      )}\n\nExit 1 when something is wrong, or when one side had what the other had not.`,
    )
    .action(async (options: Options) => {
      if (options.reconcile === undefined) {
        const { runVerify } = await import('../verify.ts')
        return await runVerify(options.config, options.json === true, process)
      }
      const { from, to, reconcile } = options
      if (from === undefined || to === undefined)
        throw new WeirError('WRONG_USE', '--reconcile needs --from and --to')
      const { runReconcile } = await import('../reconcile/run.ts')
      await runReconcile({ ...options, reconcile, from, to }, process)
    })
}

type Options = Omit<ReconcileOptions, 'reconcile' | 'from' | 'to'> &
  Partial<Pick<ReconcileOptions, 'reconcile' | 'from' | 'to'>>
