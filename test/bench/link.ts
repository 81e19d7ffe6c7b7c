import { globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { readRuleFiles } from '@weir/aggregator'
import { filesOf } from '@weir/ingest'
import { type Crossing, cross } from './crossing.ts'
import { piecesOf } from './pieces.ts'
import { importedRules } from './sigma.ts'

const USAGE = `npm run bench:link -- --input PATH [options]

  --input PATH    records: a file, a folder, or a pattern such as 'logs/**/*.json'; as often as there are sets,
                  each is measured by itself
  --rules DIR     folders of rules (rules)
  --sigma DIR     Sigma rules beside them, of level medium and above
  --rounds N      how often each set crosses, always from the beginning (1)
  --paced N       in so many pieces, each delivered to the SIEM before the next comes
  --json          one JSON line per round, instead of a table

Link bytes over raw bytes: both sides run as processes, with certificates on both, one connection that is
counted between them, and every alert delivered to a SIEM.
`

async function main(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      input: { type: 'string', multiple: true, default: [] },
      rules: { type: 'string', multiple: true, default: ['rules'] },
      sigma: { type: 'string' },
      rounds: { type: 'string', default: '1' },
      paced: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help || values.input.length === 0) return void process.stdout.write(USAGE)
  const [rounds, paced] = [countOf(values.rounds), countOf(values.paced ?? '0')]
  const folder = mkdtempSync(join(tmpdir(), 'weir-link-'))
  try {
    const sigma = join(folder, 'sigma')
    mkdirSync(sigma)
    const imported = values.sigma === undefined ? 0 : await writeRules(sigma, values.sigma)
    const rules = [...values.rules, sigma]
    const own = (await readRuleFiles(rules)).length - imported
    if (!values.json) process.stdout.write(`${own} rules, and ${imported} Sigma rules\n${HEADING}\n`)
    for (const [n, input] of values.input.entries()) {
      const all: Crossing[] = []
      for (let round = 0; round < rounds; round++) {
        const crossing = await crossOnce(join(folder, `${n}-${round}`), rules, input, paced)
        all.push(crossing)
        process.stdout.write(
          `${values.json ? JSON.stringify({ own, imported, input, ...crossing }) : row(crossing)}\n`,
        )
      }
      if (!values.json) process.stdout.write(`${summary(all, input)}\n`)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function countOf(text: string): number {
  const count = Number(text)
  if (!Number.isInteger(count) || count < 0) throw new Error(`"${text}" is no whole number`)
  return count
}

async function writeRules(to: string, from: string): Promise<number> {
  const rules = await importedRules(from)
  for (const { path, json } of rules) {
    mkdirSync(join(to, path, '..'), { recursive: true })
    writeFileSync(join(to, path), JSON.stringify(json))
  }
  return rules.length
}

async function crossOnce(folder: string, rules: readonly string[], input: string, paced: number) {
  const files = (await filesOf(pathsOf(input))).map((path) => resolve(path))
  return cross(folder, rules, files, paced === 0 ? undefined : piecesOf(files, paced))
}

function pathsOf(input: string): string[] {
  if (!/[*?{]/.test(input)) return [input]
  const paths = globSync(input).sort()
  if (paths.length === 0) throw new Error(`no file is like ${input}`)
  return paths
}

const HEADING = [
  ...['raw bytes', 'records', 'alerts', 'revisions', 'link bytes', 'share'],
  ...['handshakes', 'pages', 'rest', 'calls', 'reached', 'counted', 'incomplete'],
]
  .map((text) => text.padStart(11))
  .join('')

function row(of: Crossing): string {
  const { rawBytes, records, alerts, revisions, linkBytes, percent, parts } = of
  const { session, pages, idle, marks } = parts.requests
  const cells = [
    ...[rawBytes, records, alerts, revisions, linkBytes, `${percent} %`],
    ...[`${parts.connections}: ${parts.handshakes}`, `${pages}: ${parts.pages}`, parts.rest],
    ...[session + pages + idle + marks, `${of.reached}/${of.matched}`],
    ...[`${of.countedReached}/${of.counted}`, of.incomplete],
  ]
  return cells.map((cell) => String(cell).padStart(11)).join('')
}

function summary(all: readonly Crossing[], input: string): string {
  const shares = all.map(({ percent }) => percent).sort((a, b) => a - b)
  const median = shares[Math.floor((shares.length - 1) / 2)]
  return `median ${median} %, from ${shares[0]} to ${shares.at(-1)} %  ${input}`
}

await main(process.argv.slice(2))
