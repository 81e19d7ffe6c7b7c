import type { Command } from 'commander'
import { example } from '../example.ts'
import { repeated } from '../options.ts'
import { outputOf } from '../output.ts'

/** `weir rules test`: the cases beside the rules, through the whole line. */
export function addRulesTest(rules: Command): void {
  rules
    .command('test')
    .description('run the cases in <rule>.test.json beside every rule; each rule needs a hit and a near-miss')
    .argument('<dir...>', 'folders of rules')
    .option('--rule <id>', 'only the cases of this rule; may be given several times', repeated)
    .option('--junit <file>', 'write the results as JUnit XML, too')
    .option('--json', 'one JSON object per rule')
    .addHelpText(
      'after',
      `${example('weir rules test rules', 'weir rules test rules --rule entra.password-spray --junit rules.xml')}\n\nExit 1 when a rule fails, 2 when its cases cannot be read.`,
    )
    .action(async (dirs: string[], options: { rule?: readonly string[]; junit?: string; json?: boolean }) => {
      const { runRuleTests } = await import('../rules/test.ts')
      await runRuleTests(dirs, options, outputOf(process))
    })
}
