import type { Command } from 'commander'
import { example } from '../example.ts'

/** `weir rules import-sigma`: Sigma files as Weir rule files. */
export function addRulesImportSigma(rules: Command): void {
  rules
    .command('import-sigma')
    .description('turn Sigma rules, correlations and filters into Weir rule files')
    .argument('<path...>', 'files or folders of Sigma YAML')
    .requiredOption('--out <dir>', 'where the rule files go')
    .option('--map <file>', 'field maps of your own, placeholders included, before those that come with Weir')
    .option('--report <file>', 'write a JSON line for every document: what became of it, and why')
    .option(
      '--against <path...>',
      'records, in any form that Weir reads: say which fields occur in none of them',
    )
    .option('--strict', 'exit 1 when a document was refused')
    .option('--json', 'the lines of the report on standard output')
    .addHelpText(
      'after',
      `${example('weir rules import-sigma sigma/rules/cloud --out rules/sigma --report report.ndjson')}\n\nA document that cannot be imported whole is refused, with the reason.`,
    )
    .action(async (paths: string[], options) => {
      const { runImportSigma } = await import('../import-sigma/run.ts')
      await runImportSigma(paths, options, process)
    })
}
