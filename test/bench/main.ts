import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { measure, type Result } from './measure.ts'
import { type Options, optionsOf, USAGE } from './options.ts'
import { measureReceive } from './receive.ts'
import { benchRules } from './rule-set.ts'
import { measureState } from './state.ts'

/** How fast the line is, against reading the same records with `JSON.parse`; docs/performance.md explains it. */
async function main(argv: readonly string[]): Promise<number> {
  try {
    const options = optionsOf(argv)
    if (options === undefined) process.stdout.write(USAGE)
    else await run(options)
    return 0
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    return error instanceof RangeError || error instanceof TypeError ? 2 : 1
  }
}

/** Each number of rules by itself; the user's own rules are one. */
async function run(options: Options): Promise<void> {
  process.stderr.write(`${machine()}\n`)
  const folder = mkdtempSync(join(tmpdir(), 'weir-bench-'))
  try {
    if (options.stateGroups !== undefined) {
      const result = await measureState(options.stateGroups, options.seed, folder)
      process.stdout.write(`${JSON.stringify(result, undefined, options.json ? 0 : 2)}\n`)
      return
    }
    if (options.receive !== undefined) {
      for await (const result of measureReceive(options.receive, options.seed))
        process.stdout.write(`${JSON.stringify(result, undefined, options.json ? 0 : 2)}\n`)
      return
    }
    if (!options.json) process.stdout.write(`${HEAD}\n`)
    for (const count of options.rules === undefined ? options.ruleCounts : [0])
      for (const result of await measure(options, await benchRules(options, count), folder))
        process.stdout.write(`${options.json ? JSON.stringify(result) : tableRow(result)}\n`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Figures mean nothing without it. */
function machine(): string {
  const load = loadavg()[0]!.toFixed(1)
  return `${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}, load ${load}`
}

const COLUMNS: readonly (readonly [string, number, (result: Result) => string])[] = [
  ['lane', -12, (result) => result.lane],
  ['rules', 6, (result) => String(result.rules)],
  ['hard', 6, (result) => result.hard_share.toFixed(2)],
  ['events/s', 10, (result) => Math.round(result.events_per_s).toLocaleString('en')],
  ['MB/s', 8, (result) => result.mb_per_s.toFixed(1)],
  ['to parse', 9, (result) => String(Number(result.ratio_to_parse.toPrecision(2)))],
  ['met', 7, (result) => `${(100 * result.match_share).toFixed(1)} %`],
  ['rounds', 7, (result) => String(result.rounds)],
]

const HEAD = COLUMNS.map(([name, width]) => aligned(name, width)).join('')

function tableRow(result: Result): string {
  return COLUMNS.map(([, width, of]) => aligned(of(result), width)).join('')
}

function aligned(text: string, width: number): string {
  return width < 0 ? text.padEnd(-width) : text.padStart(width)
}

process.exitCode = await main(process.argv.slice(2))
