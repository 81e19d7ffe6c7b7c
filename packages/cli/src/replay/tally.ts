import type { Alert, Books } from '@weir/model'
import type { Step } from '@weir/pipeline'
import type { Output } from '../output.ts'

/** Sums over a replay. */
export class Tally {
  readonly #last = new Map<string, Alert>()
  readonly #shadow = new Set<string>()
  readonly books = {
    read: 0,
    normalized: 0,
    duplicates: 0,
    dropped: 0,
    quarantined: 0,
    events: 0,
    rawBytes: 0,
  }
  matches = 0

  get alerts(): Alert[] {
    return [...this.#last.values()]
  }

  /** Alerts of rules in shadow mode, which are not among `alerts`. */
  get shadowAlerts(): number {
    return this.#shadow.size
  }

  add({ commit, matches }: Step): void {
    this.matches += matches.length
    for (const each of commit.books) this.#addBooks(each)
    for (const { alert, ship } of commit.alerts) {
      const { id, status } = alert.weir.alert
      if (ship) this.#last.set(id, alert)
      else if (status === 'merged') this.#shadow.delete(id)
      else this.#shadow.add(id)
    }
  }

  #addBooks(books: Books): void {
    for (const key of Object.keys(this.books) as (keyof Tally['books'])[]) this.books[key] += books[key]
  }
}

/** The last line of a replay, or a summary for people. */
export function sayResult(tally: Tally, seconds: number, json: boolean, output: Output): void {
  const { alerts, books, matches } = tally
  const standing = alerts.filter((alert) => alert.weir.alert.status !== 'merged')
  const alertBytes = alerts.reduce((sum, alert) => sum + Buffer.byteLength(JSON.stringify(alert)), 0)
  const { read, rawBytes, ...counts } = books
  const result = {
    records: read,
    ...counts,
    raw_bytes: rawBytes,
    matches,
    alerts: standing.length,
    alert_bytes: alertBytes,
    seconds: Number(seconds.toFixed(3)),
  }
  if (json) output.json(result)
  else for (const line of summary(standing, result)) output.line(line)
  tellLeftOut(tally, output)
}

/** What a reader of the summary would miss, and which command shows it. */
function tellLeftOut({ books: { quarantined }, shadowAlerts }: Tally, output: Output): void {
  if (quarantined > 0) output.note('what could not be read, and why: weir normalize --input …')
  if (shadowAlerts > 0)
    output.note(`alerts of rules in shadow mode, left out: ${shadowAlerts}; weir rules backtest lists them`)
}

function summary(alerts: readonly Alert[], result: Readonly<Record<string, number>>): string[] {
  const listed = alerts.map(
    ({ weir, rule, message }) =>
      `${weir.alert.first}  ${weir.alert.severity.padEnd(13)}  ${rule.id}  ${message}`,
  )
  const counts = Object.entries(result).map(([name, value]) => `${name.padEnd(12)} ${value}`)
  return [...listed.sort(), ...(listed.length > 0 ? [''] : []), ...counts]
}
