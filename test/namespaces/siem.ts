import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Kept, type KeptAlert, type Network, parseCef, parseSyslog } from '@weir/emulator'

const ASK = 'process.stdout.write(await (await fetch(process.argv[1])).text())'

/** What the SIEM on premises has, asked there: its control interface listens at loopback. */
export async function alertsOn(premises: readonly string[], network: Network): Promise<readonly KeptAlert[]> {
  const ask = [...premises, process.execPath, '--input-type=module', '--eval', ASK]
  const url = `${network.siem.ready.control}/alerts`
  const { stdout } = await promisify(execFile)(ask[0]!, [...ask.slice(1), url], { maxBuffer: 1e8 })
  return (JSON.parse(stdout) as { alerts: KeptAlert[] }).alerts
}

/** CEF severities of all that the SIEM received, in order. */
export function severitiesIn(folder: string): readonly number[] {
  const lines = readFileSync(join(folder, 'siem.ndjson'), 'utf8').split('\n')
  return lines.filter((line) => line !== '').map((line) => severityOf((JSON.parse(line) as Kept).text))
}

function severityOf(text: string): number {
  return Number(parseCef(parseSyslog(text)!.message)!.severity)
}
