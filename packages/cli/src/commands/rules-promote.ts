import type { Command } from 'commander'
import { example } from '../example.ts'
import { outputOf } from '../output.ts'

/** `weir rules promote`: from shadow mode to shipping. */
export function addRulesPromote(rules: Command): void {
  rules
    .command('promote')
    .description('take a rule out of shadow mode: removes "mode" from its file, and nothing else')
    .argument('<id>', 'of the rule')
    .requiredOption('--rules <dir...>', 'folders of rules')
    .option('--json', 'one JSON object: the rule and its file')
    .addHelpText(
      'after',
      `${example('weir rules promote corp.vault-read --rules rules')}

What it would have shipped so far stands in the aggregator's ledger (GET /v1/ledger, shadowBytes).
Exit 1, and nothing is written, when the rule is not in shadow mode or the rules have errors.`,
    )
    .action(async (id: string, options) => {
      const { promoteRule } = await import('../rules/promote.ts')
      await promoteRule(id, options, outputOf(process))
    })
}
