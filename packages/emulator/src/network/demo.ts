import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@weir/runtime'
import { Chaos } from './chaos.ts'
import { type Outcome, play } from './play.ts'

export interface DemoOptions {
  readonly seed: number
  /** Seed of the chaos; without it nothing is disturbed. */
  readonly chaos?: number
  /** Keep the folder with stores, logs and configurations, and say where it is. */
  readonly keep: boolean
  readonly signal: AbortSignal
}

/** Plays the scenario and prints what came of it; resolves to the exit code. */
export async function demo(options: DemoOptions, target: NodeJS.Process): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-demo-'))
  const note = (text: string): void => void target.stderr.write(`${text}\n`)
  const end = systemClock.now()
  const common = { seed: options.seed, clock: systemClock, end, signal: options.signal, note }
  try {
    const calm = await play({ ...common, folder: join(folder, 'calm') })
    const result =
      options.chaos === undefined ? calmResult(calm) : await roughResult(calm, options.chaos, common, folder)
    explain(result.of, note)
    target.stdout.write(`${JSON.stringify(result.line)}\n`)
    return 0
  } finally {
    if (options.keep) note(`kept: ${folder}`)
    else rmSync(folder, { recursive: true, force: true })
  }
}

interface Result {
  readonly of: Outcome
  readonly line: Readonly<Record<string, unknown>>
}

function calmResult(of: Outcome): Result {
  return { of, line: lineOf(of) }
}

async function roughResult(
  calm: Outcome,
  seed: number,
  common: Omit<Parameters<typeof play>[0], 'folder' | 'trouble'>,
  folder: string,
): Promise<Result> {
  common.note('the same again, killing and cutting')
  let chaos: Chaos | undefined
  const rough = await play({
    ...common,
    folder: join(folder, 'rough'),
    trouble: (network, total) => {
      chaos = new Chaos(network, total, seed, common.note)
      return chaos
    },
  })
  const same = JSON.stringify(rough.same) === JSON.stringify(calm.same)
  if (!same) differences(calm.same, rough.same).forEach(common.note)
  const did = chaos!.tally
  const about = {
    seed,
    same,
    aggregator_kills: did.aggregatorKills,
    forwarder_kills: did.forwarderKills,
    cuts: { amqp: did.amqpCuts, blob: did.blobCuts, vpn: did.vpnCuts },
  }
  return { of: rough, line: { ...lineOf(rough), chaos: about } }
}

function differences(calm: readonly string[], rough: readonly string[]): string[] {
  const only = (a: readonly string[], b: readonly string[], sign: string): string[] =>
    a.filter((line) => !b.includes(line)).map((line) => `${sign} ${line.slice(0, 400)}`)
  return [...only(calm, rough, 'only undisturbed:'), ...only(rough, calm, 'only with chaos: ')]
}

function lineOf(of: Outcome): Readonly<Record<string, unknown>> {
  const { records, rawBytes, linkBytes, alerts, delivered, verdict, seconds } = of
  return {
    records,
    raw_bytes: rawBytes,
    link_bytes: linkBytes,
    link_percent: Number(((100 * linkBytes) / rawBytes).toFixed(3)),
    alerts,
    delivered,
    health: verdict.health.length,
    planted: verdict.planted,
    found: verdict.found,
    unexpected: verdict.unexpected.length,
    seconds,
  }
}

/** For a person: what the SIEM was told. */
function explain({ verdict }: Outcome, note: (text: string) => void): void {
  for (const { rule, fields, labels } of verdict.detections) {
    if (labels['status'] !== 'merged') note(`  ${rule.padEnd(42)} ${String(fields['msg'] ?? '')}`)
  }
  for (const id of verdict.missed) note(`  missed: ${id}`)
  for (const text of verdict.unexpected) note(`  unexpected: ${text}`)
}
