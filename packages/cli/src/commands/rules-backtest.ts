import type { Command } from 'commander'
import { example } from '../example.ts'
import { bytesOption } from '../options.ts'

/** `weir rules backtest`: what would these rules send over the link, and what changes against others. */
export function addRulesBacktest(rules: Command): void {
  rules
    .command('backtest')
    .description(
      'alerts and link bytes a day by rule, noisiest first, and what changes against another rule set',
    )
    .requiredOption('--rules <dir...>', 'folders of rules')
    .requiredOption(
      '--input <path...>',
      'files or folders of records, compressed or not; - is standard input',
    )
    .option('--baseline <dir...>', 'folders of the rules to compare with; the inputs are read twice')
    .option(
      '--link-budget <bytes>',
      'link bytes, before compression, that the busiest day may take: 5000000 or 5MB',
      bytesOption,
    )
    .option('--json', 'one JSON object')
    .addHelpText(
      'after',
      `${example('weir rules backtest --rules new --baseline rules --input logs/ --link-budget 5MB')}\n\nExit 1 over the budget, or when an input broke off.`,
    )
    .action(async (options) => {
      const { runBacktest } = await import('../backtest/run.ts')
      await runBacktest(options, process)
    })
}
