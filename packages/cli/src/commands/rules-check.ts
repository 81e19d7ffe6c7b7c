import type { Command } from 'commander'
import { example } from '../example.ts'
import { outputOf } from '../output.ts'

/** `weir rules check`: what is wrong with rules, and what each costs. */
export function addRulesCheck(rules: Command): void {
  rules
    .command('check')
    .description('load rules, say what is wrong with them and which are dear')
    .argument('<dir...>', 'folders of rules')
    .option('--strict', 'exit 1 on warnings, too')
    .option('--json', 'one JSON object per problem, then one per rule with its cost class')
    .addHelpText(
      'after',
      `${example('weir rules check rules', 'weir rules check rules --json | jq -c \'select(.cost == "library")\'')}

A rule is indexed (looked at only where a value or text that it needs occurs), scanned (tried for
nearly every event of its datasets) or run by json-rules-engine itself (library), which is slow.
Exit 1 when there are errors.`,
    )
    .action(async (dirs: string[], options: { strict?: boolean; json?: boolean }) => {
      const { checkRules } = await import('../rules/check.ts')
      await checkRules(dirs, options, outputOf(process))
    })
}
