import type { LedgerReply } from '@weir/contract'
import { printable } from '../printable.ts'
import type { Difference } from './differences.ts'
import { bytesText, shareText, table } from './table.ts'

type LinkDay = LedgerReply['linkDays'][number]

/** Rules that are shown, those whose alerts took most. */
const RULES_MAX = 10

/** The ledger for people: totals, callers, budgets, rules, and where the two sides differ. */
export function linesOf(ledger: LedgerReply, differences: readonly Difference[]): string[] {
  return [
    ...totals(ledger),
    ...section('Link, by whose token came over it', callers(ledger)),
    ...section('Budget of the day', budgets(ledger)),
    ...section('Rules, by bytes of their alerts since the store began', rules(ledger)),
    ...section('The two sides differ, though no connection broke', differences.map(differenceLine)),
  ]
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)]
}

function totals(ledger: LedgerReply): string[] {
  const { from, to, link, rawDays, linkDays } = ledger
  const rawToday = sum(rawDays.filter(({ day }) => day === to).map(({ rawBytes }) => rawBytes))
  const linkToday = sum(linkDays.filter(({ day }) => day === to).map(bothWays))
  return table([
    ['', `today, ${to}`, `since ${from}`],
    ['read', bytesText(rawToday), bytesText(link.rawBytes)],
    ['crossed the link', bytesText(linkToday), bytesText(link.bytes)],
    ['link over read', shareText(linkToday, rawToday), shareText(link.bytes, link.rawBytes)],
  ])
}

/** Each caller's sums; the forwarder's own count stands beside the aggregator's of the days that it told. */
function callers({ linkDays, to }: LedgerReply): string[] {
  const names = [...new Set(linkDays.map(({ caller }) => caller))]
  const rows = names.map((name) =>
    callerRow(
      name,
      linkDays.filter(({ caller }) => caller === name),
      to,
    ),
  )
  const head = ['', 'today', 'received', 'sent', 'pages', 'packed', 'evidence', 'breaks', 'own count']
  return rows.length === 0 ? [] : table([head, ...rows])
}

function callerRow(name: string, days: readonly LinkDay[], today: string): string[] {
  const total = (of: (day: LinkDay) => number): string => bytesText(sum(days.map(of)))
  const own = days.flatMap((day) => (day.own === undefined ? [] : [day.own.received + day.own.sent]))
  return [
    name === '' ? '(no token)' : printable(name),
    bytesText(sum(days.filter(({ day }) => day === today).map(bothWays))),
    total(({ received }) => received),
    total(({ sent }) => sent),
    total(({ feedBytes }) => feedBytes),
    total(({ feedPackedBytes }) => feedPackedBytes),
    total(({ evidenceBytes }) => evidenceBytes),
    String(sum(days.map(({ breaks }) => breaks))),
    own.length === 0 ? '' : bytesText(sum(own)),
  ]
}

function budgets({ forwarders }: LedgerReply): string[] {
  return forwarders.flatMap(({ name, budget }) =>
    budget === undefined
      ? []
      : [
          `${name}: ${bytesText(budget.bytesLeft)} of ${bytesText(budget.bytesMax)} left until ${budget.resets}`,
        ],
  )
}

function rules(ledger: LedgerReply): string[] {
  const shown = ledger.rules
    .filter(({ alertBytes }) => alertBytes > 0)
    .sort((a, b) => b.alertBytes - a.alertBytes)
    .slice(0, RULES_MAX)
  if (shown.length === 0) return []
  return table([
    ['', 'alerts', 'revisions', 'bytes'],
    ...shown.map((each) => [
      printable(each.rule),
      String(each.alerts),
      String(each.revisions),
      bytesText(each.alertBytes),
    ]),
  ])
}

function differenceLine({ day, forwarder, aggregatorBytes, forwarderBytes, share }: Difference): string {
  const counts = `${aggregatorBytes} bytes by the aggregator, ${forwarderBytes} by the forwarder`
  return `${day}  ${forwarder}  ${(100 * share).toFixed(1)} %: ${counts}`
}

function bothWays({ received, sent }: LinkDay): number {
  return received + sent
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}
