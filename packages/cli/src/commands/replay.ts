import { loadRuleFolders } from '@weir/aggregator'
import type { Alert, Books, Match } from '@weir/model'
import { DEFAULTS, replay, type Step } from '@weir/pipeline'
import type { Command } from 'commander'
import { tellBrokenOff } from '../broken-off.ts'
import { example } from '../example.ts'
import { type Inputs, type InputWatch, inputsOf } from '../inputs.ts'
import { JsonLines, type Output, outputOf } from '../output.ts'
import { measured, Progress } from '../progress.ts'
import { refuseErrors } from '../rule-problems.ts'
import { VERSION } from '../version.ts'

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
      `${example('weir replay --rules rules --input logs/ --alerts alerts.ndjson --json')}\n\nExit 1 when an input broke off; what came before it counts.`,
    )
    .action(async (options: ReplayOptions) => runReplay(options, outputOf(process)))
}

async function runReplay(options: ReplayOptions, output: Output): Promise<void> {
  const began = performance.now()
  const rules = await loadRuleFolders(options.rules)
  refuseErrors(rules, output)
  const inputs = await inputsOf(options.input, process)
  const matches = await JsonLines.open(options.matches)
  const alerts = await JsonLines.open(options.alerts)
  const watch = await watchOver(inputs, output)
  const tally = new Tally()
  for await (const step of replay({ ...DEFAULTS, version: VERSION }, rules, inputs.watched(watch))) {
    tally.add(step)
    for (const match of step.matches) await matches.write(matchLine(match))
  }
  for (const alert of tally.alerts) await alerts.write(alert)
  await Promise.all([matches.close(), alerts.close()])
  watch.clear()
  sayResult(tally, (performance.now() - began) / 1000, options.json === true, output)
}

/** Tells progress where someone looks on, and of every file that breaks off: then the exit code says so too. */
async function watchOver(inputs: Inputs, output: Output): Promise<InputWatch & { clear(): void }> {
  const { stderr } = process
  const progress = stderr.isTTY
    ? new Progress(
        await measured(inputs.files),
        () => performance.now(),
        (text) => stderr.write(text),
      )
    : undefined
  return {
    read: (file, bytes) => progress?.read(file, bytes),
    ended: (file, failure) => {
      progress?.ended(file)
      if (failure !== undefined) {
        progress?.clear()
        tellBrokenOff(failure, output)
      }
    },
    clear: () => progress?.clear(),
  }
}

function matchLine({ rule, eventId, dataset, time }: Match): object {
  return { rule, event_id: eventId, dataset, time: new Date(time).toISOString() }
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
