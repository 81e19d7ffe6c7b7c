import { loadRuleFolders, VERSION } from '@weir/aggregator'
import type { Alert, Books, Match } from '@weir/model'
import { DEFAULTS, replay, type Step } from '@weir/pipeline'
import type { Command } from 'commander'
import { replayInputs } from '../inputs.ts'
import { JsonLines, type Output, outputOf } from '../output.ts'
import { refuseErrors } from '../rule-problems.ts'

interface ReplayOptions {
  readonly rules: string[]
  readonly input: string[]
  readonly matches?: string
  readonly alerts?: string
  readonly json?: boolean
}

/** `weir replay`: what would these rules have said of these logs. */
export function addReplay(program: Command): void {
  program
    .command('replay')
    .description('run the whole line over files or folders, and say what it found')
    .requiredOption('--rules <dir...>', 'folders of rules')
    .requiredOption(
      '--input <path...>',
      'files or folders of records, compressed or not; - is standard input',
    )
    .option('--matches <file>', 'write a JSON line for every match')
    .option('--alerts <file>', 'write a JSON line for every alert, its last revision')
    .option('--json', 'end with one JSON object')
    .addHelpText(
      'after',
      '\nExample:\n  weir replay --rules rules --input logs/ --alerts alerts.ndjson --json',
    )
    .action(async (options: ReplayOptions) => runReplay(options, outputOf(process)))
}

async function runReplay(options: ReplayOptions, output: Output): Promise<void> {
  const began = performance.now()
  const rules = await loadRuleFolders(options.rules)
  refuseErrors(rules, output)
  const matches = new JsonLines(options.matches)
  const tally = new Tally()
  const settings = { ...DEFAULTS, version: VERSION }
  for await (const step of replay(settings, rules, await replayInputs(options.input, process))) {
    tally.add(step)
    for (const match of step.matches) await matches.write(matchLine(match))
  }
  await matches.close()
  await writeAlerts(options.alerts, tally.alerts)
  sayResult(tally, (performance.now() - began) / 1000, options.json === true, output)
}

function matchLine({ rule, eventId, dataset, time }: Match): object {
  return { rule, event_id: eventId, dataset, time: new Date(time).toISOString() }
}

async function writeAlerts(path: string | undefined, alerts: Iterable<Alert>): Promise<void> {
  const file = new JsonLines(path)
  for (const alert of alerts) await file.write(alert)
  await file.close()
}

/** Sums over a replay. */
class Tally {
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

function sayResult(tally: Tally, seconds: number, json: boolean, output: Output): void {
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
