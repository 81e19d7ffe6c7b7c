import type { Change } from './change.ts'
import type { BacktestResult, RuleResult } from './result.ts'

/** A backtest for people to read. */
export function summaryOf(result: BacktestResult): string[] {
  const { from, to, days, records, events, rules, shadow } = result
  return [
    from === null
      ? 'no events'
      : `${from} to ${to}, ${days} days with events: ${records} records, ${events} events`,
    ...section('', rules),
    ...section('in shadow mode, not shipped:', shadow),
    ...baselineLines(result),
    '',
    ...linkLines(result),
  ]
}

const HEAD = ['alerts/day', 'busiest', 'bytes/day', 'busiest', '  rule']

function section(title: string, rules: readonly RuleResult[]): string[] {
  if (rules.length === 0) return []
  const loud = rules.filter((rule) => rule.revisions > 0)
  const silent = rules.length - loud.length
  return [
    '',
    ...(title === '' ? [] : [title]),
    ...(loud.length > 0 ? [row(HEAD), ...loud.flatMap(ruleLines)] : []),
    ...(silent > 0 ? [`${silent} rules made no alert`] : []),
  ]
}

function ruleLines(rule: RuleResult): string[] {
  const { alerts_per_day, busiest_day_alerts: alerts, bytes_per_day, busiest_day_bytes: bytes } = rule
  const cells = [alerts_per_day, alerts?.most ?? 0, bytes_per_day, bytes?.most ?? 0, `  ${rule.rule}`]
  return [row(cells), ...rule.examples.map((message) => `${' '.repeat(WIDTH * 4 + 4)}${message}`)]
}

const WIDTH = 11

function row([first, second, third, fourth, name]: readonly (string | number)[]): string {
  return [first, second, third, fourth].map((cell) => String(cell).padStart(WIDTH)).join('') + String(name)
}

function baselineLines({ baseline, compared_all: all }: BacktestResult): string[] {
  if (baseline === null) return []
  const changed = baseline.changes.filter((change) => change.gone + change.new > 0)
  return [
    '',
    'against the baseline:',
    ...(changed.length > 0
      ? [row(['same', 'gone', 'new', '', '  rule']), ...changed.flatMap(changeLines)]
      : []),
    `${baseline.changes.length - changed.length} rules make the same alerts`,
    ...(all ? [] : ['more alerts came than are remembered: only the first of them were compared']),
  ]
}

function changeLines({ rule, same, gone, new: fresh, examples }: Change): string[] {
  const example = (kind: string) => (message: string) => `${kind.padStart(WIDTH * 4 + 4)}  ${message}`
  return [
    row([same, gone, fresh, '', `  ${rule}`]),
    ...examples.gone.map(example('gone')),
    ...examples.new.map(example('new')),
    ...examples.same.map(example('same')),
  ]
}

function linkLines({ link, baseline }: BacktestResult): string[] {
  const day = (load: BacktestResult['link'] | NonNullable<typeof baseline>) =>
    load.busiest_day_bytes === null
      ? 'nothing'
      : `${load.busiest_day_bytes.most} bytes on ${load.busiest_day_bytes.day}, ${load.bytes_per_day} a day`
  const share = link.packed_share
  return [
    `link         ${day(link)}, in ${link.revisions} revisions of ${link.alerts} alerts`,
    ...(share === null
      ? []
      : [`packed       about ${link.packed_bytes_per_day} a day (zstd leaves ${share.toFixed(2)})`]),
    ...(baseline === null ? [] : [`baseline     ${day(baseline)}`]),
    ...(link.budget === null
      ? []
      : [`budget       ${link.budget} a day: ${link.over_budget ? 'over it' : 'kept'}`]),
  ]
}
