import type { Command } from 'commander'
import { withConnection } from '../connection-options.ts'
import { example } from '../example.ts'
import { bytesOption, timeOption, wholeOption } from '../options.ts'
import { outputOf } from '../output.ts'

/** Bytes of records that cross the link without being asked for by size: the link is narrow. */
const EVIDENCE_BYTES_MAX = 10_000_000

/** `weir alerts …`: what the aggregator found, asked over its API. */
export function addAlerts(program: Command): void {
  const alerts = program
    .command('alerts')
    .description('list alerts, show one, fetch the records behind it')
    .addHelpText(
      'after',
      example('weir alerts list --url https://weir.example:8443 --severity high,critical'),
    )
  addList(alerts)
  addShow(alerts)
  addEvidence(alerts)
}

function addList(alerts: Command): void {
  withConnection(alerts.command('list').description('list alerts, the one changed last first'))
    .option('--severity <names>', 'one or several, separated by commas')
    .option('--rule <id>', 'of this rule')
    .option('--kind <kind>', 'detection or health')
    .option('--status <status>', 'open, closed or merged')
    .option('--entity <name>', 'a user, address or host of the alert, exactly')
    .option(
      '--from <time>',
      'last event not before: ISO 8601 (UTC without a zone) or epoch milliseconds',
      timeOption,
    )
    .option('--to <time>', 'last event not after', timeOption)
    .option('--limit <n>', 'alerts at most', wholeOption, 100)
    .option('--json', 'one alert (AlertV1) a line')
    .addHelpText(
      'after',
      example(
        'weir alerts list --url https://weir.example:8443 --severity high,critical --from 2026-03-01',
        'weir alerts list --entity ada@contoso.example --json | jq -r .message',
      ),
    )
    .action(async (options) => {
      const { listAlerts } = await import('../alerts/list.ts')
      await listAlerts(options, process.env, outputOf(process))
    })
}

function addShow(alerts: Command): void {
  withConnection(alerts.command('show').description('show the last revision of one alert'))
    .argument('<id>', 'of the alert')
    .option('--json', 'the alert itself (AlertV1) in one line')
    .addHelpText('after', example('weir alerts show a1b2c3d4 --url https://weir.example:8443'))
    .action(async (id, options) => {
      const { showAlert } = await import('../alerts/show.ts')
      await showAlert(id, options, process.env, outputOf(process))
    })
}

function addEvidence(alerts: Command): void {
  withConnection(alerts.command('evidence').description('fetch the records behind an alert'))
    .argument('<id>', 'of the alert')
    .option('--out <dir>', 'a file per record, byte for byte, named by its SHA-256')
    .option('--json', 'a line per member: event id, dataset, position, SHA-256, and bytes or file')
    .option(
      '--bytes-max <size>',
      'bytes of records at most; their size is asked for before anything is fetched',
      bytesOption,
      EVIDENCE_BYTES_MAX,
    )
    .addHelpText(
      'after',
      example(
        'weir alerts evidence a1b2c3d4 --url https://weir.example:8443 | jq .',
        'weir alerts evidence a1b2c3d4 --out evidence/ --bytes-max 200MB',
      ) +
        '\n\nWithout --out a record is one line: line breaks between its members become spaces.' +
        '\nEvery record is compared with its SHA-256; exit 1 when one differs.' +
        '\nEvery request is in the audit of the aggregator (weir audit list).',
    )
    .action(async (id, options) => {
      const { fetchEvidence } = await import('../alerts/evidence.ts')
      const { evidenceProgress } = await import('../alerts/evidence-progress.ts')
      await fetchEvidence(id, options, process.env, outputOf(process), evidenceProgress(process.stderr))
    })
}
