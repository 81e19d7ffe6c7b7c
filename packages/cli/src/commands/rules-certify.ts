import type { Command } from 'commander'
import { example } from '../example.ts'
import { wholeOption } from '../options.ts'

/** `weir rules certify`: compiled matching against json-rules-engine, on the user's own rules and records. */
export function addRulesCertify(rules: Command): void {
  rules
    .command('certify')
    .description(
      'hold compiled and indexed matching against json-rules-engine itself, and write a certificate',
    )
    .requiredOption('--rules <dir...>', 'folders of rules')
    .requiredOption('--input <path...>', 'files or folders of records, compressed or not')
    .option('--out <file>', 'write the certificate here, as JSON')
    .option('--sample <n>', 'compare every n-th event only; the certificate says so', wholeOption, 1)
    .option('--json', 'the certificate on standard output')
    .addHelpText(
      'after',
      `${example('weir rules certify --rules rules --input logs/ --out certificate.json')}\n\nExit 1 when there is a difference, or an input broke off.`,
    )
    .action(async (options) => {
      const { runCertify } = await import('../certify/run.ts')
      await runCertify(options, process)
    })
}
