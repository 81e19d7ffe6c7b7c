import type { Command } from 'commander'
import { example } from '../example.ts'
import { wholeOption } from '../options.ts'

/** `weir rules explain`: which conditions of a rule hold for a record, and which do not. */
export function addRulesExplain(rules: Command): void {
  rules
    .command('explain')
    .description('say why a rule matches a record, or why not: each condition with the value that it saw')
    .requiredOption('--rules <dir...>', 'folders of rules')
    .requiredOption('--rule <id>', 'the rule to explain')
    .requiredOption(
      '--event <file>',
      "the provider's record, as JSON, lines or an envelope, or a rule's .test.json; - is standard input",
    )
    .option('--limit <n>', 'events at most', wholeOption, 100)
    .option('--json', 'one JSON object per event')
    .addHelpText(
      'after',
      `${example('weir rules explain --rules rules --rule entra.password-spray --event record.json')}

Of a file whose name ends in .test.json, the records of each case are explained.
A record that gives several events (a flow log) is explained event by event.
Exit 1 when no event matches.`,
    )
    .action(async (options) => {
      const { explainRule } = await import('../rules/explain.ts')
      await explainRule(options, process)
    })
}
