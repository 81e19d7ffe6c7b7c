import type Database from 'better-sqlite3'
import { write } from './write.ts'

/** TCP payload of the link to one aggregator in a day (UTC, as `2026-03-01`), TLS included. */
export interface LinkDay {
  readonly day: string
  readonly sent: number
  readonly received: number
}

/** Days kept for each aggregator; older ones are forgotten, and were told long before. */
const DAYS_MAX = 400

/** What crossed the links by day, kept so that a restart does not begin the day anew. */
export class LinkDays {
  readonly #database: Database.Database
  readonly #add
  readonly #trim
  readonly #last

  constructor(database: Database.Database) {
    this.#database = database
    this.#add = database.prepare(
      `INSERT INTO link_day (aggregator, day, sent, received) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET sent = sent + excluded.sent, received = received + excluded.received`,
    )
    this.#trim = database.prepare(
      `DELETE FROM link_day WHERE aggregator = ? AND day NOT IN
       (SELECT day FROM link_day WHERE aggregator = ? ORDER BY day DESC LIMIT ${DAYS_MAX})`,
    )
    this.#last = database.prepare<unknown[], LinkDay>(
      'SELECT day, sent, received FROM link_day WHERE aggregator = ? ORDER BY day DESC LIMIT ?',
    )
  }

  /** Adds to the days' counts. Throws `WeirError` STORE_FAILED, and nothing is added. */
  add(aggregator: string, counts: readonly LinkDay[]): void {
    write(this.#database, () => {
      for (const { day, sent, received } of counts) this.#add.run(aggregator, day, sent, received)
      this.#trim.run(aggregator, aggregator)
    })
  }

  /** The last days on which anything crossed, newest first. */
  last(aggregator: string, daysMax: number): LinkDay[] {
    return this.#last.all(aggregator, daysMax)
  }
}
