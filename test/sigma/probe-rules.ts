import { createMatcher } from '@weir/engine'
import type { Event, JsonObject } from '@weir/model'
import { classify, DATASETS, eventsOf, unwrap } from '@weir/normalize'
import { beforeAll, describe, expect, test } from 'vitest'
import { CORPUS, importCorpus, loadedRules } from './corpus.ts'
import type { Probe } from './probe.ts'

/** Tests every published rule below a folder of the corpus with the records that we made for it. */
export function probeRules(name: string, folder: string, probes: readonly Probe[]): void {
  describe.skipIf(CORPUS === undefined)(name, () => {
    let matched: (record: JsonObject) => Promise<readonly string[]>
    const ids = new Map<string, string>()

    beforeAll(async () => {
      const imported = await importCorpus([folder])
      for (const { file, rule } of imported.outcomes)
        ids.set(file.split('/').at(-1)!.replace('.yml', ''), rule!)
      const matcher = createMatcher(loadedRules(imported), DATASETS)
      matched = async (record) => (await matcher.match(eventsIn(record))).map(({ rule }) => rule.id)
    })

    test('every rule has its records', () => {
      expect(probes.map(({ rule }) => rule).sort()).toEqual([...ids.keys()].sort())
    })

    test.each(probes.map((probe) => [probe.rule, probe] as const))('%s', async (rule, { hit, miss }) => {
      expect(await matched(hit)).toContain(ids.get(rule))
      expect(await matched(miss)).not.toContain(ids.get(rule))
    })
  })
}

/** A record on its way from bytes to events, in the wrapper that Event Hubs puts around it. */
function eventsIn(record: JsonObject): readonly Event[] {
  const unwrapped = unwrap(Buffer.from(JSON.stringify({ records: [record] })))
  const bytesOf = (n: number) => unwrapped.bytesOf(n)
  const origin = { source: 's', partition: '0', at: '0', arrival: 0, bytesOf }
  const events: Event[] = []
  for (const [index, each] of unwrapped.records.entries())
    eventsOf(each, classify(each), origin, index, events)
  return events
}
