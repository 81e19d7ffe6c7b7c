import { createMatcher } from '@weir/engine'
import type { Event, JsonObject } from '@weir/model'
import { classify, DATASETS, eventsOf, unwrap } from '@weir/normalize'
import { beforeAll, describe, expect, test } from 'vitest'
import { ACTIVITY_PROBES } from './azure-activities.ts'
import { AUDIT_PROBES } from './azure-audits.ts'
import { RISK_PROBES } from './azure-risks.ts'
import { SIGNIN_PROBES } from './azure-signins.ts'
import { CORPUS, importCorpus, loadedRules } from './corpus.ts'

const PROBES = [...ACTIVITY_PROBES, ...AUDIT_PROBES, ...SIGNIN_PROBES, ...RISK_PROBES]

/** A record on its way from bytes to events, as Event Hubs brings it. */
function eventsIn(record: JsonObject): readonly Event[] {
  const bytes = Buffer.from(JSON.stringify({ records: [record] }))
  const unwrapped = unwrap(bytes)
  const origin = {
    source: 's',
    partition: '0',
    at: '0',
    arrival: 0,
    bytesOf: (n: number) => unwrapped.bytesOf(n),
  }
  const events: Event[] = []
  for (const [index, each] of unwrapped.records.entries())
    eventsOf(each, classify(each), origin, index, events)
  return events
}

describe.skipIf(CORPUS === undefined)('azure rules over records as Azure Monitor exports them', () => {
  let matched: (record: JsonObject) => Promise<readonly string[]>
  const ids = new Map<string, string>()

  beforeAll(async () => {
    const imported = await importCorpus(['sigma-rules/rules/cloud/azure'])
    for (const { file, rule } of imported.outcomes)
      ids.set(file.split('/').at(-1)!.replace('.yml', ''), rule!)
    const matcher = createMatcher(loadedRules(imported), DATASETS)
    matched = async (record) => (await matcher.match(eventsIn(record))).map(({ rule }) => rule.id)
  })

  test('every rule has its records', () => {
    expect(PROBES.map(({ rule }) => rule).sort()).toEqual([...ids.keys()].sort())
  })

  test.each(PROBES.map((probe) => [probe.rule, probe] as const))('%s', async (rule, { hit, miss }) => {
    expect(await matched(hit)).toContain(ids.get(rule))
    expect(await matched(miss)).not.toContain(ids.get(rule))
  })
})
