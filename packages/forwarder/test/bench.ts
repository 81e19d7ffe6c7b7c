import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, createReport, parseConfig, systemClock } from '@weir/runtime'
import { type Forwarder, forwarderConfig, type Limits, startForwarder } from '../src/index.ts'
import { TOKEN } from './support/aggregator.ts'
import { HEC_TOKEN } from './support/collector.ts'
import { API_KEY } from './support/elastic.ts'

/** Quick enough for tests, and otherwise as in production. */
const QUICK: Partial<Limits> = {
  linkRetryMs: { firstMs: 10, maxMs: 100 },
  outputRetryMs: { firstMs: 10, maxMs: 100 },
  queueLookMs: 10,
  configurationRetryMs: 100,
  marksEveryMs: 10,
  confirmMs: 20,
  firstConfirmMs: 200,
  hecAckPollMs: { firstMs: 5, maxMs: 5 },
  connectMs: 2000,
  stopMs: 1000,
}

export interface Setting {
  readonly folder: string
  readonly config: Record<string, unknown>
}

/** A configuration as it stands in a file, in a folder of its own. */
export function setting(aggregator: object, outputs: readonly object[], spool: object = {}): Setting {
  return settingOf([aggregator], outputs, spool)
}

/** The same with several aggregators; the first is called `cloud` unless it says otherwise. */
export function settingOf(
  aggregators: readonly object[],
  outputs: readonly object[],
  spool: object = {},
): Setting {
  const folder = mkdtempSync(join(tmpdir(), 'weir-forwarder-'))
  writeFileSync(join(folder, 'token'), TOKEN)
  writeFileSync(join(folder, 'hec-token'), HEC_TOKEN)
  writeFileSync(join(folder, 'elastic-key'), API_KEY)
  const config = {
    aggregators: aggregators.map((each) => ({ name: 'cloud', token: { file: 'token' }, ...each })),
    spool: { path: 'spool.sqlite', ...spool },
    outputs,
    log: { level: 'error' },
  }
  writeFileSync(join(folder, 'forwarder.json'), JSON.stringify(config))
  return { folder, config }
}

export function read({ folder, config }: Setting) {
  return parseConfig(join(folder, 'forwarder.json'), config, forwarderConfig, {})
}

export async function start(of: Setting, limits: Partial<Limits> = {}, clock: Clock = systemClock) {
  const report = createReport('silent')
  const tools = { clock, report, random: Math.random, limits: { ...QUICK, ...limits } }
  const forwarder: Forwarder = await startForwarder(read(of), tools)
  return { forwarder, report }
}
