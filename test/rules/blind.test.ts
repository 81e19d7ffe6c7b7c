import { loadRuleFolders } from '@weir/aggregator'
import { BLIND_LIMITS, Blindness, loadRules, type RuleSet } from '@weir/engine'
import type { Event } from '@weir/model'
import { classify, DATASETS, eventsOf, unwrap } from '@weir/normalize'
import { beforeAll, expect, test } from 'vitest'
// biome-ignore lint/style/noRestrictedImports: the scenario is not part of the emulator's public face
import { createScenario, type Delivery } from '../../packages/emulator/src/scenario/index.ts'

const HOURS = 6
const scenario = createScenario(2, { end: Date.UTC(2026, 2, 11, 6), hours: HOURS, records: 30_000 })
const LIMITS = { ...BLIND_LIMITS, blindMsMin: (HOURS - 1) * 3_600_000 }
const CONTROL = {
  id: 'test.control',
  name: 'A field that nobody writes',
  severity: 'low',
  dataset: ['azure.signinlogs'],
  conditions: { all: [{ fact: 'record', path: '$.properties.nobody', operator: 'equal', value: 1 }] },
  event: { type: 'test', params: { message: 'never' } },
}

let events: readonly (readonly [at: number, Event[]])[] = []

beforeAll(() => {
  events = [...scenario.deliveries()].map((delivery) => [delivery.at, eventsIn(delivery)] as const)
})

test('no shipped rule is called blind in six hours of a company, and a rule about what nobody writes is', async () => {
  const shipped = await loadRuleFolders([new URL('../../rules', import.meta.url).pathname])
  const control = loadRules([{ path: 'control.json', text: JSON.stringify(CONTROL) }], DATASETS)
  expect(control.problems).toEqual([])
  const all: RuleSet = { ...shipped, rules: [...shipped.rules, ...control.rules] }
  const blindness = new Blindness(all, LIMITS)
  for (const [at, some] of events) blindness.see(some, at)
  const [end] = events.at(-1)!
  expect(blindness.blind(end).map(({ rule, fields }) => [rule, fields])).toEqual([
    ['test.control', ['record.properties.nobody']],
  ])
})

/** A piece of an appended blob may break a line in two: those two are left out. */
function eventsIn(delivery: Delivery): Event[] {
  const unwrapped = unwrap(bytesOf(delivery))
  const place = { source: 's', partition: '0', at: '0', arrival: delivery.at }
  const origin = { ...place, bytesOf: (index: number) => unwrapped.bytesOf(index) }
  const found: Event[] = []
  for (const [index, record] of unwrapped.records.entries())
    eventsOf(record, classify(record, undefined), origin, index, found)
  return found
}

function bytesOf(delivery: Delivery): Buffer {
  if (delivery.kind === 'hub') return delivery.body
  return delivery.kind === 'flow' ? delivery.block : delivery.bytes
}
