import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readRuleFiles } from '@weir/aggregator'
import type { Client } from '@weir/contract'
import { loadRules } from '@weir/engine'
import { DATASETS } from '@weir/normalize'

const WEIR = fileURLToPath(new URL('../../packages/cli/bin/weir.js', import.meta.url))

/** How many events the rules matched that alert by themselves, and to how many of them some alert leads. */
export interface Reach {
  readonly matched: number
  readonly reached: number
  readonly alerts: number
}

/** Replays the input for its matches, and asks the aggregator for the members of every alert. */
export async function reachOf(client: Client, rules: readonly string[], input: string): Promise<Reach> {
  const { rules: loaded } = loadRules(await readRuleFiles([...rules]), DATASETS)
  const single = new Set(loaded.filter(({ correlation }) => correlation === undefined).map(({ id }) => id))
  const matched = new Set(
    (await matchesOf(rules, input)).filter(({ rule }) => single.has(rule)).map(({ event_id }) => event_id),
  )
  const { members, alerts } = await membersOf(client)
  return { matched: matched.size, reached: [...matched].filter((id) => members.has(id)).length, alerts }
}

async function membersOf(client: Client): Promise<{ members: ReadonlySet<string>; alerts: number }> {
  const members = new Set<string>()
  let alerts = 0
  for await (const { items } of client.alerts({ limit: 1000, kind: 'detection' })) {
    for (const { weir } of items) {
      alerts++
      for await (const { eventId } of client.evidence(weir.alert.id)) members.add(eventId)
    }
  }
  return { members, alerts }
}

interface MatchLine {
  readonly rule: string
  readonly event_id: string
}

async function matchesOf(rules: readonly string[], input: string): Promise<readonly MatchLine[]> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-matches-'))
  const file = join(folder, 'matches.ndjson')
  try {
    const args = ['replay', '--rules', ...rules, '--input', input, '--matches', file, '--json']
    const [code] = await once(spawn(process.execPath, [WEIR, ...args], { stdio: 'ignore' }), 'close')
    if (code !== 0) throw new Error(`weir replay of ${input} ended with ${code}`)
    const lines = readFileSync(file, 'utf8').split('\n')
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as MatchLine)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
