import type { EventSource, MessagePlace, Refetched, StoredMember } from '@weir/model'
import { classify, eventsOf, identityOf, unwrap } from '@weir/normalize'
import { createReport } from '@weir/runtime'
import { describe, expect, test } from 'vitest'
import { refetcher } from '../src/refetch.ts'

const record = (n: number): string => `{"time":"2026-03-01T00:00:00Z","n":${n}}`
const place = { source: 's', partition: 'p' }

/** The members that the line made of a message at a place. */
function membersOf(at: string, text: string, source = 's'): StoredMember[] {
  const cut = unwrap(Buffer.from(text))
  return cut.records.flatMap((each, index) => {
    const events: Parameters<typeof eventsOf>[4] = []
    const origin = { ...place, source, at, arrival: 0, bytesOf: (n: number) => cut.bytesOf(n) }
    const dataset = classify(each)
    eventsOf(each, dataset, origin, index, events)
    return events.map((event) => {
      const identity = identityOf(event)
      const of = { identity, subject: identity, eventId: identity, dataset: dataset.name }
      const position = { ...place, source, at, index }
      const match = { rule: 'r', ruleHash: 'h', ...of, time: 0, lateMs: 0, position, fields: {} }
      return { correlation: 'r', ruleHash: 'h', groupKey: 'g', value: identity, match }
    })
  })
}

type Answer = (places: readonly MessagePlace[]) => AsyncIterable<Refetched>

function fetchWith(answer: Answer, signal = new AbortController().signal, name = 's') {
  const source: EventSource = { name, run: async () => undefined, refetch: () => answer }
  return refetcher([source], createReport('silent'))(signal)
}

/** A service that still has these messages. */
function having(messages: Readonly<Record<string, string>>): Answer {
  return async function* (places) {
    for (const { partition, at } of places) {
      const bytes = messages[at]
      if (bytes === undefined) yield { partition, at, gone: 'retention' }
      else yield { partition, at, message: { at, bytes: Buffer.from(bytes), arrival: 0 } }
    }
  }
}

async function texts(fetching: ReturnType<ReturnType<typeof fetchWith>>): Promise<string[]> {
  const found = await fetching
  if (found === 'too-much') return [found]
  return found.map((each) => ('bytes' in each ? Buffer.from(each.bytes).toString() : `(${each.absent})`))
}

const LIST = `[${record(1)}, ${record(2)} ,${record(3)}]`
const FLOW = JSON.stringify({
  time: '2026-03-01T00:00:00Z',
  category: 'FlowLogFlowEvent',
  flowLogVersion: 4,
  flowRecords: {
    flows: [
      {
        aclID: 'a',
        flowGroups: [
          {
            rule: 'r',
            flowTuples: [
              '1772323200000,10.0.0.1,10.0.0.2,1,2,6,O,B,NX,0,0,0,0',
              '1772323200001,10.0.0.1,10.0.0.3,1,2,6,O,B,NX,0,0,0,0',
            ],
          },
        ],
      },
    ],
  },
})

describe('a record is handed out', () => {
  test('as it lay in its message, for each member in the order of the members', async () => {
    const members = [...membersOf('7', LIST), ...membersOf('8', record(9))].reverse()
    const fetch = fetchWith(having({ 7: LIST, 8: `${record(9)}\n${record(10)}\n` }))
    expect(await texts(fetch(members))).toEqual([9, 3, 2, 1].map(record))
  })

  test('once for every event that came of it', async () => {
    const members = membersOf('7', FLOW)
    expect(members).toHaveLength(2)
    expect(await texts(fetchWith(having({ 7: FLOW }))(members))).toEqual([FLOW, FLOW])
  })

  test.each([
    ['another record stands there', record(8)],
    ['its place has another order now', `[${record(3)},${record(2)},${record(1)}]`],
    ['one of its columns was changed', LIST.replaceAll('"n":1', '"n":11')],
    ['there are fewer now', '[]'],
    ['it cannot be read any more', LIST.slice(0, 20)],
  ])('not when %s', async (_, now) => {
    const [first] = membersOf('7', LIST)
    expect(await texts(fetchWith(having({ 7: now }))([first!]))).toEqual(['(not-found)'])
  })
})

describe('why there is none', () => {
  const members = membersOf('7', LIST)

  test('the service has it no longer, or forgot to answer', async () => {
    expect(await texts(fetchWith(having({}))(members))).toEqual(Array(3).fill('(retention)'))
    expect(await texts(fetchWith(async function* () {})(members))).toEqual(Array(3).fill('(not-found)'))
  })

  test('the source is another one by now, or cannot read twice', async () => {
    expect(await texts(fetchWith(having({ 7: LIST }), undefined, 'renamed')(members))).toEqual(
      Array(3).fill('(unsupported)'),
    )
  })

  test('the source fails; after three failures it is left alone for the rest of the request', async () => {
    let asked = 0
    // biome-ignore lint/correctness/useYield: it fails before it has anything.
    const fetch = fetchWith(async function* () {
      asked++
      throw new Error('no way there')
    })
    for (let n = 0; n < 4; n++) expect(await texts(fetch(members))).toEqual(Array(3).fill('(unreachable)'))
    expect(asked).toBe(3)
  })

  test('none at all where a connection only broke: what is left is asked for once more', async () => {
    const asked: string[][] = []
    const fetch = fetchWith(async function* (places) {
      asked.push(places.map(({ at }) => at))
      yield* having({ 7: LIST, 8: record(9) })(places.slice(0, 1))
      if (asked.length === 1) throw new Error('the connection broke')
    })
    const both = [...members, ...membersOf('8', record(9))]
    expect(await texts(fetch(both))).toEqual([1, 2, 3, 9].map(record))
    expect(asked).toEqual([['7', '8'], ['8']])
  })

  test('the time is over: what came before it counts', async () => {
    const over = new AbortController()
    const both = [...members, ...membersOf('8', record(9))]
    const fetch = fetchWith(async function* (places) {
      yield* having({ 7: LIST })(places.slice(0, 1))
      over.abort()
      yield* having({ 8: record(9) })(places.slice(1))
    }, over.signal)
    expect(await texts(fetch(both))).toEqual([...[1, 2, 3].map(record), '(bound)'])
    expect(await texts(fetch(members))).toEqual(Array(3).fill('(bound)'))
  })

  test('together they are too large; one alone never is', async () => {
    const large = (n: number) => `{"time":"2026-03-01T00:00:00Z","n":${n},"pad":"${'p'.repeat(12_000_000)}"}`
    const all = Object.fromEntries([1, 2, 3].map((n) => [n, large(n)]))
    const three = [1, 2, 3].flatMap((n) => membersOf(String(n), large(n)))
    expect(await texts(fetchWith(having(all))(three))).toEqual(['too-much'])
    expect(await texts(fetchWith(having(all))(three.slice(0, 1)))).toEqual([large(1)])
  })
})
