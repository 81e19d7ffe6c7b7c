import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startChild } from '@weir/emulator'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { canMakeLab, type Lab, makeLab } from './lab.ts'
import type { Crossed, Plan } from './play.ts'
import { secondsFor } from './throughput.ts'

const PLAY = fileURLToPath(new URL('./play.ts', import.meta.url))
const MBIT = 1_000_000

/** Of the records that come in; what the link may carry at most. */
const SHARE_MAX = 0.005
/** 78 MB at that share: what the scenario has with 50,000 records. */
const BYTES_PER_DAY = '390KB'
/** CEF severity of a high alert: from here on an alert takes the urgent lane. */
const HIGH = 7

const possible = canMakeLab()
const title = possible ? 'a link between namespaces' : 'skipped, needs root and network namespaces'

describe.skipIf(!possible)(title, () => {
  let lab: Lab
  let folder: string
  const table: string[] = []
  beforeAll(() => {
    lab = makeLab()
  })
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'weir-namespaces-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  afterAll(() => {
    lab.remove()
    process.stdout.write(`\n${table.join('\n')}\n`)
  })

  async function play(
    name: string,
    plan: Omit<Plan, 'folder' | 'premises' | 'bytesPerDay'>,
  ): Promise<Crossed> {
    const whole = { ...plan, folder, premises: lab.premises, bytesPerDay: BYTES_PER_DAY }
    const child = await startChild<Crossed>({
      name: 'the cloud',
      script: PLAY,
      args: [JSON.stringify(whole)],
      through: lab.cloud,
      logFile: join(folder, 'play.log'),
      ready: (line) => (line.startsWith('{') ? (JSON.parse(line) as Crossed) : undefined),
      readySecondsMax: 110,
    })
    await child.exit
    table.push(rowOf(name, child.ready))
    return child.ready
  }

  test('without limit or delay', async () => {
    lab.shape()
    const crossed = await play('as fast as it goes', {
      vpnHost: lab.host(4),
      delayMs: 0,
      records: 20_000,
      cut: false,
    })
    complete(crossed)
    counted(crossed)
  })

  test('the shape holds: 500 kB take two seconds at least at 2 Mbit/s', async () => {
    lab.shape(2 * MBIT)
    expect(await secondsFor(500_000, lab)).toBeGreaterThan(1.9)
  })

  test('2 Mbit/s, 40 ms one way', async () => {
    lab.shape(2 * MBIT)
    const plan = { vpnHost: lab.host(4), delayMs: 40, records: 50_000, bitsPerSecond: 2 * MBIT, cut: false }
    const crossed = await play('2 Mbit/s, 40 ms', plan)
    complete(crossed)
    counted(crossed)
  })

  test('IPv6', async () => {
    lab.shape(2 * MBIT)
    const crossed = await play('the same by IPv6', {
      vpnHost: lab.host(6),
      delayMs: 40,
      records: 20_000,
      cut: false,
    })
    complete(crossed)
    counted(crossed)
  })

  test('cut until everything waits: on return what is urgent comes first', async () => {
    lab.shape(2 * MBIT)
    const crossed = await play('2 Mbit/s, cut', {
      vpnHost: lab.host(4),
      delayMs: 40,
      records: 50_000,
      cut: true,
    })
    complete(crossed)
    counted(crossed)
    const { returned } = crossed
    const urgent = returned.filter((severity) => severity >= HIGH)
    expect(urgent.length).toBeGreaterThan(0)
    expect(returned.length).toBeGreaterThan(urgent.length)
    expect(returned.slice(0, urgent.length)).toEqual(urgent)
  })
})

/** Everything planted was found, nothing else, and the SIEM has every alert. */
function complete(crossed: Crossed): void {
  const { planted, found, missed, unexpected, alerts, delivered } = crossed
  expect({ planted, found, missed, unexpected }).toEqual({
    planted: 13,
    found: 13,
    missed: [],
    unexpected: [],
  })
  expect(delivered).toBe(alerts)
}

/** The ledger says what the kernel says, both sides the same, and it is little. */
function counted({ rawBytes, linkBytes, payloadBytes, interfaceBytes, both, health }: Crossed): void {
  expect(linkBytes / payloadBytes).toBeGreaterThan(0.98)
  expect(linkBytes / payloadBytes).toBeLessThan(1.02)
  expect(interfaceBytes).toBeGreaterThan(payloadBytes)
  expect(both.forwarder).toBe(both.aggregator)
  expect(both.aggregator).toBeLessThan(SHARE_MAX * rawBytes)
  expect(health.filter((rule) => rule.includes('budget'))).toEqual([])
}

/** A line of the table in docs/performance.md. */
function rowOf(name: string, crossed: Crossed): string {
  const { rawBytes, linkBytes, payloadBytes, connections, interfaceBytes, found, planted, seconds } = crossed
  const share = `${((100 * linkBytes) / rawBytes).toFixed(3)} %`
  const [raw, link, payload, frames] = [rawBytes, linkBytes, payloadBytes, interfaceBytes].map((bytes) =>
    bytes.toLocaleString('en-US'),
  )
  return `| ${[name, raw, link, payload, frames, share, connections, `${found} of ${planted}`, seconds].join(' | ')} |`
}
