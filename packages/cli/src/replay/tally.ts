import type { Alert, Books } from '@weir/model'
import type { Step } from '@weir/pipeline'
import type { Output } from '../output.ts'

/** Sums over a replay. */
export class Tally {
  readonly #last = new Map<string, Alert>()
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

  add({ commit, matches }: Step): void {
    this.matches += matches.length
    for (const each of commit.books) this.#addBooks(each)
    for (const { alert, ship } of commit.alerts) if (ship) this.#last.set(alert.weir.alert.id, alert)
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
    seconds,
  }
  if (json) output.json(result)
  else for (const line of summary(standing, result)) output.line(line)
}

function summary(alerts: readonly Alert[], result: Readonly<Record<string, number>>): string[] {
  const listed = alerts.map(
    ({ weir, rule, message }) =>
      `${weir.alert.first}  ${weir.alert.severity.padEnd(13)}  ${rule.id}  ${message}`,
  )
  const counts = Object.entries(result).map(([name, value]) => `${name.padEnd(12)} ${value}`)
  return [...listed.sort(), ...(listed.length > 0 ? [''] : []), ...counts]
}
