import type { LedgerReply, SourcesReply } from '@weir/contract'
import type { KeptAlert } from './judge.ts'

/** What the live view shows at one moment. */
export interface Moment {
  readonly sources: SourcesReply
  readonly ledger: LedgerReply
  readonly kept: readonly KeptAlert[]
  readonly linkBytes: number
  readonly url: string
  readonly token: string
  readonly ca: string
}

/** Alerts listed, newest last. */
const ALERTS_SHOWN_MAX = 12

/** The live view as text; `columns` is the width of the terminal. */
export function render(moment: Moment, columns: number): string {
  const lines = [
    'Weir: small SIEM in the cloud, main SIEM at home',
    '',
    ...sourceLines(moment.sources),
    '',
    bytesLine(moment),
    '',
    'Alerts at the SIEM, newest last',
    ...alertLines(moment.kept),
    '',
    `API    ${moment.url}    token ${moment.token}`,
    `Try    curl --cacert '${moment.ca}' -H 'Authorization: Bearer ${moment.token}' '${moment.url}/v1/alerts?limit=5'`,
    'Stop   Ctrl-C',
  ]
  return lines.map((line, n) => (n >= lines.length - 3 ? line : line.slice(0, columns))).join('\n')
}

function sourceLines({ sources }: SourcesReply): string[] {
  const header = row('Source', 'Records', 'Repeated', 'Unreadable', 'Waiting', 'Partitions')
  return [header, ...sources.map(sourceLine)]
}

function sourceLine(source: SourcesReply['sources'][number]): string {
  const caughtUp = source.partitions.filter((each) => each.state === 'caught-up').length
  const behind = source.partitions.reduce((sum, each) => sum + (each.behind ?? 0), 0)
  return row(
    source.name,
    count(source.read),
    count(source.duplicates),
    count(source.quarantined),
    count(behind),
    `${caughtUp} of ${source.partitions.length} caught up`,
  )
}

function row(...cells: string[]): string {
  return cells
    .map((cell, n) => (n === 0 || n === cells.length - 1 ? cell.padEnd(10) : cell.padStart(11)))
    .join('  ')
}

function bytesLine({ ledger, linkBytes }: Moment): string {
  const share = ledger.rawBytes === 0 ? '' : ` (${((100 * linkBytes) / ledger.rawBytes).toFixed(2)} %)`
  return `Read ${megabytes(ledger.rawBytes)} in the cloud, ${megabytes(linkBytes)} crossed the link${share}`
}

function alertLines(kept: readonly KeptAlert[]): string[] {
  if (kept.length === 0) return ['  none yet']
  return kept.slice(-ALERTS_SHOWN_MAX).map((alert) => {
    const severity = alert.labels['kind'] === 'health' ? 'health' : severityWord(Number(alert.severity))
    return `  ${severity.padEnd(8)} ${alert.rule.padEnd(40)} ${String(alert.fields['msg'] ?? '')}`
  })
}

/** CEF's own names for its numbers. */
function severityWord(number: number): string {
  if (number >= 9) return 'critical'
  if (number >= 7) return 'high'
  return number >= 4 ? 'medium' : 'low'
}

function count(number: number): string {
  return number.toLocaleString('en-US')
}

function megabytes(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
}
