import type { Command } from 'commander'
import { withConnection } from '../connection-options.ts'
import { example } from '../example.ts'
import { wholeOption } from '../options.ts'
import { outputOf } from '../output.ts'

/** `weir audit …`: who fetched evidence, asked over the API. */
export function addAudit(program: Command): void {
  const audit = program
    .command('audit')
    .description('list who fetched evidence')
    .addHelpText('after', example('weir audit list --url https://weir.example:8443'))
  withConnection(
    audit
      .command('list')
      .description("list the requests for evidence, the newest first; with an admin's token"),
  )
    .option('--limit <n>', 'requests at most', wholeOption, 100)
    .option('--json', 'one request a line')
    .addHelpText('after', example('weir audit list --limit 20', 'weir audit list --json | jq .caller'))
    .action(async (options) => {
      const { listAudit } = await import('../list-audit.ts')
      await listAudit(options, process.env, outputOf(process))
    })
}
