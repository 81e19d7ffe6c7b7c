import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { readRuleFiles } from '@weir/aggregator'
import { type AggregatorFile, type ForwarderFile, type Network, settle, startNetwork } from '@weir/emulator'
import { systemClock } from '@weir/runtime'
import { reachOf } from './reach.ts'
import { importedRules } from './sigma.ts'

const USAGE = `npm run bench:link -- --input PATH [options]

  --input PATH    records, as often as there are sets; each is measured by itself
  --rules DIR     folders of rules (rules)
  --sigma DIR     Sigma rules beside them, of level medium and above
  --json          one JSON line per set, instead of a table

Link bytes over raw bytes: both sides run as processes, with certificates on both, one connection that is
counted between them, and every alert delivered to a SIEM.
`

/** What crossed the link for one set of records. */
interface Crossing {
  readonly input: string
  /** Decompressed bytes of the records. */
  readonly rawBytes: number
  readonly records: number
  readonly alerts: number
  readonly revisions: number
  /** TCP payload both ways, TLS handshakes and HTTP included, until everything was acknowledged. */
  readonly linkBytes: number
  readonly percent: number
  /** Events that a rule which alerts by itself matched, and how many of them some alert leads to. */
  readonly matched: number
  readonly reached: number
}

async function main(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      input: { type: 'string', multiple: true, default: [] },
      rules: { type: 'string', multiple: true, default: ['rules'] },
      sigma: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help || values.input.length === 0) return void process.stdout.write(USAGE)
  const folder = mkdtempSync(join(tmpdir(), 'weir-link-'))
  try {
    const sigma = join(folder, 'sigma')
    mkdirSync(sigma)
    if (values.sigma !== undefined) await writeRules(sigma, values.sigma)
    const rules = [...values.rules, sigma]
    const count = (await readRuleFiles(rules)).length
    if (!values.json) process.stdout.write(`${count} rules\n${HEADING}\n`)
    for (const [n, input] of values.input.entries()) {
      const crossing = await cross(join(folder, String(n)), rules, input)
      process.stdout.write(`${values.json ? JSON.stringify({ rules: count, ...crossing }) : row(crossing)}\n`)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function writeRules(to: string, from: string): Promise<void> {
  for (const { path, json } of await importedRules(from)) {
    mkdirSync(join(to, path, '..'), { recursive: true })
    writeFileSync(join(to, path), JSON.stringify(json))
  }
}

async function cross(folder: string, rules: readonly string[], input: string): Promise<Crossing> {
  const network = await startNetwork({
    folder,
    port: 0,
    now: systemClock.now(),
    mutualTls: true,
    aggregator: (usual) => aggregatorOf(usual, rules, input),
    forwarder: (usual: ForwarderFile) => usual,
  })
  try {
    await settle(network, 1, systemClock)
    const linkBytes = network.links.vpn.stats().bytes
    return { input, linkBytes, ...(await reckon(network, linkBytes, rules, input)) }
  } finally {
    await network.stop()
  }
}

function aggregatorOf(usual: AggregatorFile, rules: readonly string[], input: string): object {
  const sources = [{ type: 'files', name: 'records', inputs: [resolve(input)] }]
  return { ...usual, rules: { folders: rules.map((each) => resolve(each)) }, sources }
}

async function reckon(network: Network, linkBytes: number, rules: readonly string[], input: string) {
  const client = network.client()
  try {
    const ledger = await client.ledger()
    const { matched, reached, alerts } = await reachOf(client, rules, input)
    const sum = (of: (rule: (typeof ledger.rules)[number]) => number): number =>
      ledger.rules.reduce((total, rule) => total + of(rule), 0)
    const { rawBytes, records } = ledger
    const percent = Number(((100 * linkBytes) / rawBytes).toFixed(3))
    return { rawBytes, records, alerts, revisions: sum((rule) => rule.revisions), percent, matched, reached }
  } finally {
    await client.close()
  }
}

const HEADING = ['raw bytes', 'records', 'alerts', 'revisions', 'link bytes', 'share', 'matched', 'reached']
  .map((text) => text.padStart(11))
  .join('')

function row({ input, ...of }: Crossing): string {
  const { rawBytes, records, alerts, revisions, linkBytes, percent, matched, reached } = of
  const cells = [rawBytes, records, alerts, revisions, linkBytes, `${percent} %`, matched, reached]
  return `${cells.map((cell) => String(cell).padStart(11)).join('')}  ${input}`
}

await main(process.argv.slice(2))
