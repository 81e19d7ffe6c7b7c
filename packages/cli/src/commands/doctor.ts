import { existsSync, readFileSync } from 'node:fs'
import type { ForwarderConfig } from '@weir/forwarder'
import { isObject } from '@weir/model'
import { messageOf, systemClock, WeirError } from '@weir/runtime'
import type { Command } from 'commander'
import { example } from '../example.ts'
import { EXIT } from '../exit.ts'
import { type Output, outputOf } from '../output.ts'

/** One line of the doctor's; `remedy` where a check failed. */
interface Check {
  readonly name: string
  readonly ok: boolean
  readonly detail: string
  readonly remedy?: string
}

const CONFIGURATION = 'configuration'

/** `weir doctor`: could a side with this configuration work. */
export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('check configuration, credentials and reach of either side; sends and changes nothing')
    .requiredOption('--config <file>', 'configuration of an aggregator or of a forwarder')
    .option('--json', 'one JSON object per check')
    .addHelpText(
      'after',
      `${example('weir doctor --config /etc/weir/aggregator.json')}\n\nExit 1 when a check failed, 2 when the configuration has mistakes.`,
    )
    .action(({ config, json }: { config: string; json?: boolean }) =>
      runDoctor(config, json === true, outputOf(process)),
    )
}

async function runDoctor(file: string, json: boolean, output: Output): Promise<void> {
  const checks = await checksOf(file)
  for (const each of checks) {
    if (json) output.json(each)
    else output.line(lineOf(each))
  }
  const failed = checks.filter((each) => !each.ok)
  output.note(`${checks.length} checks, ${failed.length} failed`)
  if (failed.length > 0) process.exitCode = failed[0]!.name === CONFIGURATION ? EXIT.wrongUse : EXIT.findings
  await output.flushed()
  // Cloud libraries keep timers for connections that nobody needs any more.
  process.exit()
}

/** Nothing is reached for with a configuration that has mistakes. */
async function checksOf(file: string): Promise<readonly Check[]> {
  try {
    const side = sideOf(file)
    const checks = side === 'an aggregator' ? await lookAtAggregator(file) : await lookAtForwarder(file)
    return [{ name: CONFIGURATION, ok: true, detail: `${file}, of ${side}, has no mistakes` }, ...checks]
  } catch (error) {
    if (!(error instanceof WeirError) || !error.code.startsWith('CONFIG_')) throw error
    return mistakesIn(error).map((detail) => ({ name: CONFIGURATION, ok: false, detail }))
  }
}

/** The message of a configuration with mistakes has a heading and a line for each. */
function mistakesIn({ message }: WeirError): readonly string[] {
  const [heading, ...mistakes] = message.split('\n').map((line) => line.trim())
  return mistakes.length === 0 ? [heading!] : mistakes
}

/** Which side a configuration is of: each has members that the other lacks. */
function sideOf(file: string): 'an aggregator' | 'a forwarder' {
  const value = readJson(file)
  const has = (names: readonly string[]): boolean => isObject(value) && names.some((name) => name in value)
  if (has(['store', 'sources', 'api', 'rules'])) return 'an aggregator'
  if (has(['aggregators', 'spool', 'outputs'])) return 'a forwarder'
  throw new WeirError(
    'CONFIG_INVALID',
    `${file} has neither the sources of an aggregator nor the outputs of a forwarder`,
  )
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new WeirError('CONFIG_UNREADABLE', `cannot read configuration ${file}`, { cause })
  }
}

async function lookAtAggregator(file: string): Promise<readonly Check[]> {
  const { aggregatorDoctor, readAggregatorConfig } = await import('@weir/aggregator')
  return aggregatorDoctor(readAggregatorConfig(file, process.env), systemClock)
}

async function lookAtForwarder(file: string): Promise<readonly Check[]> {
  const { doctor, readForwarderConfig } = await import('@weir/forwarder')
  const config = readForwarderConfig(file, process.env)
  const checks = (await doctor(config)).map((each) => ({
    ...each,
    ...(each.ok ? {} : remedyOf(each.name)),
  }))
  return [...checks, ...(await backlogOf(config))]
}

function remedyOf(name: string): { readonly remedy: string } {
  if (name.startsWith('aggregator '))
    return { remedy: 'look at the VPN, at the `url` of `aggregators`, and at `ca` for its certificate' }
  if (name === 'spool') return { remedy: 'make the folder and give it to the account that Weir runs under' }
  if (/^(certificate for|authority of) /.test(name))
    return { remedy: 'put its successor into the same file; no restart is needed' }
  return { remedy: 'look whether the SIEM listens there, at its certificate, and at token or path' }
}

/** What waits in the spool, once there is one. */
async function backlogOf({ spool }: ForwarderConfig): Promise<readonly Check[]> {
  if (!existsSync(spool.path)) return []
  const { spoolStatus } = await import('@weir/forwarder')
  const name = 'spool backlog'
  try {
    const { entries, bytes, outputs } = spoolStatus(spool.path)
    const waiting = outputs.map(({ name, pending }) => `${name} ${pending.urgent + pending.bulk}`)
    const detail = `${entries} entries, ${bytes} bytes; waiting: ${waiting.join(', ') || 'none'}`
    return [{ name, ok: true, detail }]
  } catch (error) {
    const remedy = 'if it is damaged, move it away: the forwarder makes a new one and fetches what is kept'
    return [{ name, ok: false, detail: messageOf(error), remedy }]
  }
}

function lineOf({ name, ok, detail, remedy }: Check): string {
  return `${ok ? 'ok    ' : 'failed'}  ${name}: ${detail}${remedy === undefined ? '' : `; ${remedy}`}`
}
