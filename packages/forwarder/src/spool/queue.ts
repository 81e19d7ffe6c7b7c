import { type AlertLine, LANES, type Lane, type Severity } from '@weir/contract'
import type Database from 'better-sqlite3'
import { changing, looking } from './beside.ts'
import type { Quarantined } from './quarantine.ts'
import { parse, readAlert } from './read-alert.ts'
import { outputNames, pendingOf } from './spool-status.ts'
import { write } from './write.ts'

/** Which entries of the quarantine are meant; every member narrows it. */
export interface QueueChoice {
  /** `*` stands for what could not be read. */
  readonly output?: string
  /** Of the alert. */
  readonly id?: string
  readonly numbers?: readonly number[]
}

/** An entry of the quarantine; `id` to `severity` where it could be read. */
export interface QueueItem {
  readonly number: number
  readonly output: string
  readonly aggregator: string
  readonly id?: string
  readonly revision?: number
  readonly rule?: string
  readonly severity?: Severity
  /** Epoch milliseconds. */
  readonly at: number
  readonly reason: string
  readonly bytes: number
  /** It goes out once more as soon as its output takes it. */
  readonly again: boolean
}

/** What an output has still to be given. */
export interface Waiting {
  readonly output: string
  readonly pending: Readonly<Record<Lane, number>>
  /** When the aggregator stored the oldest of them. */
  readonly oldest?: string
}

export interface QueueList {
  readonly waiting: readonly Waiting[]
  readonly items: readonly QueueItem[]
}

export interface QueueRetry {
  /** Entries that go out once more. */
  readonly again: number
  /** Entries that this version cannot read either. */
  readonly unreadable: number
  /** Of the numbers that were asked for. */
  readonly missing: readonly number[]
}

type Row = Quarantined & { readonly number: number; readonly again: 0 | 1 }

/** What waits and what was set aside in a spool. Throws `WeirError` STORE_FAILED or STORE_NEWER, as all of these. */
export function listQueue(path: string, choice: QueueChoice = {}): QueueList {
  return looking(path, (database) => ({
    waiting: outputNames(database).map((output) => waitingFor(database, output)),
    items: [...chosen(database, choice)].map(itemOf),
  }))
}

/**
 * Lets entries go out once more: a forwarder sends them within seconds, or when it starts, and sets aside again what
 * is refused again. One whose newer revision the output has by then is let go instead.
 */
export function retryQueue(path: string, choice: QueueChoice): QueueRetry {
  return changing(path, (database) => {
    const rows = [...chosen(database, choice)]
    const readable = rows.filter(({ line }) => 'alert' in readAlert(line))
    // Read before, so that a forwarder that wants to write does not wait for it.
    write(database, () => {
      for (const row of readable) goAgain(database, row)
    })
    return {
      again: readable.length,
      unreadable: rows.length - readable.length,
      missing: missingOf(choice, rows),
    }
  })
}

/** Takes entries away for good. */
export function dropQueue(path: string, choice: QueueChoice) {
  return changing(path, (database) => {
    const rows = [...chosen(database, choice)]
    const drop = database.prepare('DELETE FROM quarantine WHERE number = ?')
    write(database, () => {
      for (const { number } of rows) drop.run(number)
    })
    return { dropped: rows.length, missing: missingOf(choice, rows) }
  })
}

function* chosen(database: Database.Database, { output, id, numbers }: QueueChoice): Generator<Row> {
  const wanted = numbers === undefined ? undefined : new Set(numbers)
  const rows = database.prepare<[], Row>('SELECT * FROM quarantine ORDER BY number').iterate()
  for (const row of rows) {
    if (output !== undefined && row.output !== output) continue
    if (id !== undefined && row.id !== id) continue
    if (wanted === undefined || wanted.has(row.number)) yield row
  }
}

function itemOf({ number, output, aggregator, id, revision, at, reason, again, line }: Row): QueueItem {
  const alert = alertIn(line)
  return {
    number,
    output,
    aggregator,
    ...(id === null || id === undefined ? {} : { id }),
    ...(revision === null || revision === undefined ? {} : { revision }),
    ...(alert === undefined ? {} : { rule: alert.rule.id, severity: alert.weir.alert.severity }),
    at,
    reason,
    bytes: line.length,
    again: again === 1,
  }
}

function alertIn(line: Buffer): AlertLine['alert'] | undefined {
  const value = parse(line)
  return 'alert' in readAlert(line, value) ? (value as AlertLine).alert : undefined
}

/** What nobody could read is every output's: each has it for itself from now on. */
function goAgain(database: Database.Database, row: Row): void {
  if (row.output !== '*') {
    database.prepare('UPDATE quarantine SET again = 1 WHERE number = ?').run(row.number)
    return
  }
  const put = database.prepare(
    `INSERT INTO quarantine (output, aggregator, lane, epoch, seq, id, revision, reason, at, again, line)
     SELECT ?, aggregator, lane, epoch, seq, ?, ?, reason, at, 1, line FROM quarantine WHERE number = ?`,
  )
  const read = readAlert(row.line)
  const { id, revision } = 'alert' in read ? read.alert : { id: null, revision: null }
  for (const output of outputNames(database)) put.run(output, id, revision, row.number)
  database.prepare('DELETE FROM quarantine WHERE number = ?').run(row.number)
}

function missingOf({ numbers = [] }: QueueChoice, rows: readonly Row[]): readonly number[] {
  const found = new Set(rows.map(({ number }) => number))
  return numbers.filter((number) => !found.has(number))
}

function waitingFor(database: Database.Database, output: string): Waiting {
  const pending = pendingOf(database, output)
  const oldest = LANES.map((lane) => firstOf(database, output, lane))
    .filter((at) => at !== undefined)
    .sort()[0]
  return { output, pending, ...(oldest === undefined ? {} : { oldest }) }
}

function firstOf(database: Database.Database, output: string, lane: Lane): string | undefined {
  const line = database
    .prepare<string[], Buffer>(
      `SELECT line FROM entry WHERE lane = ? AND position > (SELECT position FROM output WHERE name = ? AND lane = ?)
       ORDER BY position LIMIT 1`,
    )
    .pluck()
    .get(lane, output, lane)
  return line === undefined ? undefined : (parse(line) as AlertLine).at
}
