import type { Command } from 'commander'
import { example } from '../example.ts'
import { outputOf } from '../output.ts'

/** `weir rules new`: files to begin a rule with. */
export function addRulesNew(rules: Command): void {
  rules
    .command('new')
    .description(
      'write a rule with a hit and a near-miss, to be changed into yours; it begins in shadow mode',
    )
    .argument('<id>', 'of the rule, and name of its files')
    .requiredOption('--dataset <name>', 'whose records it looks at')
    .option('--correlation <type>', 'correlate its matches; temporal types get two base rules')
    .option('--out <dir>', 'folder for the files', '.')
    .option('--json', 'one JSON object: the rule and its files')
    .addHelpText(
      'after',
      example(
        'weir rules new corp.vault-read --dataset azure.keyvault --out rules/corp',
        'weir rules new corp.spray --dataset azure.signinlogs --correlation value_count --out rules/corp',
      ),
    )
    .action(async (id: string, options) => {
      const { newRule } = await import('../rules/new.ts')
      await newRule(id, options, outputOf(process))
    })
}
