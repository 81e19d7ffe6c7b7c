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

/** Events that rules matched, and to how many of them some alert leads. */
export interface Reach {
  readonly alerts: number
  /** By a rule that alerts by itself. */
  readonly matched: number
  readonly reached: number
  /** By a rule that counts; those not reached were below its threshold, and belong to no alert. */
  readonly counted: number
  readonly countedReached: number
  /** Alerts that count more events than their evidence has. */
  readonly incomplete: number
}

/** Replays the input for its matches, and asks the aggregator for the members of every alert. */
export async function reachOf(
  client: Client,
  rules: readonly string[],
  files: readonly string[],
): Promise<Reach> {
  const { rules: loaded } = loadRules(await readRuleFiles([...rules]), DATASETS)
  const counting = new Set(loaded.filter(({ correlation }) => correlation !== undefined).map(({ id }) => id))
  const matches = await matchesOf(rules, files)
  const of = (counts: boolean): readonly string[] => [
    ...new Set(matches.filter(({ rule }) => counting.has(rule) === counts).map(({ event_id }) => event_id)),
  ]
  const [matched, counted] = [of(false), of(true)]
  const { members, alerts, incomplete } = await membersOf(client)
  const reached = (ids: readonly string[]): number => ids.filter((id) => members.has(id)).length
  return {
    alerts,
    matched: matched.length,
    reached: reached(matched),
    counted: counted.length,
    countedReached: reached(counted),
    incomplete,
  }
}

async function membersOf(client: Client) {
  const members = new Set<string>()
  let alerts = 0
  let incomplete = 0
  for await (const { items } of client.alerts({ limit: 1000, kind: 'detection' })) {
    for (const { weir } of items) {
      const own = new Set<string>()
      for await (const { eventId } of client.evidence(weir.alert.id)) own.add(eventId)
      for (const id of own) members.add(id)
      alerts++
      if (own.size < weir.alert.count) incomplete++
    }
  }
  return { members, alerts, incomplete }
}

interface MatchLine {
  readonly rule: string
  readonly event_id: string
}

async function matchesOf(rules: readonly string[], files: readonly string[]): Promise<readonly MatchLine[]> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-matches-'))
  const file = join(folder, 'matches.ndjson')
  try {
    const args = ['replay', '--rules', ...rules, '--input', ...files, '--matches', file, '--json']
    const [code] = await once(spawn(process.execPath, [WEIR, ...args], { stdio: 'ignore' }), 'close')
    if (code !== 0) throw new Error(`weir replay of ${files[0]} ended with ${code}`)
    const lines = readFileSync(file, 'utf8').split('\n')
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as MatchLine)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
