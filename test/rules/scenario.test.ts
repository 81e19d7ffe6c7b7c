import { loadRuleFolders } from '@weir/aggregator'
import type { Alert, RawMessage } from '@weir/model'
import { DATASETS } from '@weir/normalize'
import { DEFAULTS, type ReplayInput, replay } from '@weir/pipeline'
import { beforeAll, describe, expect, test } from 'vitest'
// biome-ignore lint/style/noRestrictedImports: the scenario is not part of the emulator's public face
import { createScenario, type Delivery } from '../../packages/emulator/src/scenario/index.ts'

const scenario = createScenario(1, { end: Date.UTC(2026, 2, 11, 6), hours: 6, records: 50_000 })
const DAY_MS = 24 * 3_600_000
const settings = {
  ...DEFAULTS,
  version: 'test',
  latenessMs: Object.fromEntries([...DATASETS.keys()].map((name) => [name, DAY_MS])),
}

let alerts: readonly Alert[] = []

beforeAll(async () => {
  const rules = await loadRuleFolders([new URL('../../rules', import.meta.url).pathname])
  const last = new Map<string, Alert>()
  for await (const { commit } of replay(settings, rules, inputsOf(scenario.deliveries())))
    for (const { alert } of commit.alerts) last.set(alert.weir.alert.id, alert)
  alerts = [...last.values()].filter((alert) => alert.weir.alert.status !== 'merged')
})

describe('six hours of a mid-size company with an attack hidden in it', () => {
  test.each(scenario.planted)(
    '$id is found by $rule, which names $entity',
    ({ rule, entity, first, last }) => {
      const found = alerts.filter((alert) => alert.rule.id === rule)
      expect(found.map((alert) => names(alert, entity))).toEqual([true])
      const { first: from, last: to } = found[0]!.weir.alert
      // Some services tell the time to the second, and a flow stands in the record of the minute that follows it.
      expect(Date.parse(to)).toBeGreaterThanOrEqual(Math.floor(first / 60_000) * 60_000 - 60_000)
      expect(Date.parse(from)).toBeLessThanOrEqual(last)
    },
  )

  test('nothing else is told', () => {
    const planted = new Set(scenario.planted.map((step) => step.rule))
    const others = alerts.filter((alert) => !planted.has(alert.rule.id))
    expect(others.map((alert) => `${alert.rule.id}: ${alert.message}`)).toEqual([])
    expect(alerts).toHaveLength(scenario.planted.length)
  })
})

function names(alert: Alert, entity: string): boolean {
  const { message, related, source, user, weir } = alert
  const shown = JSON.stringify([message, related, source, user, weir.alert.group])
  return shown.toLowerCase().includes(entity.toLowerCase())
}

/** Each hub and each blob as an input of its own, with what was handed over one by one. */
function inputsOf(deliveries: Iterable<Delivery>): ReplayInput[] {
  const lanes = new Map<string, Lane>()
  for (const delivery of deliveries) {
    const name = delivery.kind === 'hub' ? delivery.hub : `${delivery.container}/${delivery.blob}`
    const lane = lanes.get(name) ?? new Lane()
    lanes.set(name, lane)
    lane.add(delivery)
  }
  return [...lanes].map(([name, lane]) => ({ name, messages: lane.read() }))
}

class Lane {
  readonly #messages: RawMessage[] = []
  /** What an append left of a line that the next one ends. */
  #tail = Buffer.alloc(0)

  add(delivery: Delivery): void {
    const bytes = this.#bytesOf(delivery)
    if (bytes.length > 0)
      this.#messages.push({ bytes, at: String(this.#messages.length), arrival: delivery.at })
  }

  async *read(): AsyncGenerator<RawMessage> {
    yield* this.#messages
  }

  #bytesOf(delivery: Delivery): Buffer {
    switch (delivery.kind) {
      case 'hub':
        return delivery.body
      case 'flow':
        return Buffer.concat([Buffer.from('{"records":['), delivery.block, Buffer.from(']}')])
      case 'append':
        return this.#wholeLines(delivery.bytes)
      default:
        return delivery satisfies never
    }
  }

  #wholeLines(bytes: Buffer): Buffer {
    const all = Buffer.concat([this.#tail, bytes])
    const end = all.lastIndexOf(10) + 1
    this.#tail = all.subarray(end)
    return all.subarray(0, end)
  }
}
