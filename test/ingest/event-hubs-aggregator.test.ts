import { EventHubConsumerClient } from '@azure/event-hubs'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { until } from '../e2e/until.ts'
import { TestAggregator } from './aggregator.ts'
import { startEventHubs, type TestEventHubs } from './event-hubs.ts'

let east: TestEventHubs
let west: TestEventHubs
let weir: TestAggregator | undefined

beforeAll(async () => {
  const start = () => startEventHubs(['logs:2', 'lost:1', 'taken:1'])
  ;[east, west] = await Promise.all([start(), start()])
})
afterEach(async () => {
  await weir?.stop()
  weir = undefined
})
afterAll(() => Promise.all([east.stop(), west.stop()]))

function sourceOf(name: string, { connectionString }: TestEventHubs, ...hubs: readonly string[]): object {
  const auth = { kind: 'emulator', connectionString }
  return {
    type: 'event-hubs',
    name,
    auth,
    hubs,
    statusEvery: '50ms',
    retryFirst: '20ms',
    hopelessRetryMax: '200ms',
  }
}

function records(from: number, to: number): string[] {
  const record = (n: number): string => `{"time":"2026-01-02T03:04:05Z","n":${n}}`
  return Array.from({ length: to - from }, (_, n) => record(from + n))
}

async function isRaised(code: string): Promise<boolean> {
  const { raised } = await weir!.ask((client) => client.health())
  return raised.some((each) => each.code === code)
}

/** What the alerts of one kind say. */
function told(code: string): Promise<(string | undefined)[]> {
  return weir!.ask(async (client) => {
    const messages: (string | undefined)[] = []
    for await (const { items } of client.alerts({ rule: `weir.health.${code}` }))
      messages.push(...items.map(({ message }) => message))
    return messages
  })
}

test('two namespaces with hubs of one name are two sources; when one is gone the other is read on', async () => {
  await east.send('logs', '0', records(0, 10))
  await west.send('logs', '1', records(10, 30))
  weir = await TestAggregator.start([sourceOf('east', east, 'logs'), sourceOf('west', west, 'logs')])
  await weir.until('all of the east is read', 'east', ({ read }) => read >= 10)
  await weir.until('all of the west is read', 'west', ({ read }) => read >= 20)
  await east.kill()
  await weir.until('the east is cut off', 'east', ({ partitions }) =>
    partitions.some(({ state }) => state === 'cut-off'),
  )
  await west.send('logs', '0', records(30, 35))
  await weir.until('the west is read on', 'west', ({ read }) => read >= 25)
  await east.restart()
  await east.send('logs', '1', records(35, 40))
  const source = await weir.until('the east is read on', 'east', ({ read }) => read >= 15)
  expect([source.read, source.normalized]).toEqual([15, 15])
})

test('what retention took while we were kept away is an alert that says what is gone', async () => {
  await east.send('lost', '0', records(0, 10))
  weir = await TestAggregator.start([sourceOf('east', east, 'lost')])
  await weir.until('what there is is read', 'east', ({ read }) => read >= 10)
  const busy = { action: 'refuse', condition: 'com.microsoft:server-busy', times: 1000 }
  await east.control('POST', '/faults', { point: 'attach', match: { hub: 'lost', group: 'weir' }, ...busy })
  await east.control('POST', '/detach', { hub: 'lost' })
  await east.send('lost', '0', records(10, 30))
  await east.control('POST', '/retain', { hub: 'lost', partition: '0', from: 25 })
  await east.control('DELETE', '/faults')
  await weir.until('what is left is read', 'east', ({ read }) => read >= 15)
  const [message] = await told('sequence-gap')
  expect(message).toContain('Messages gone: 15, from 10 to 24.')
})

test('a reader that takes our consumer group is an alert until it goes', async () => {
  weir = await TestAggregator.start([sourceOf('east', east, 'taken')])
  await weir.until('it is caught up', 'east', ({ partitions }) =>
    partitions.some(({ state }) => state === 'caught-up'),
  )
  const other = new EventHubConsumerClient('weir', east.connectionString, 'taken')
  const nothing = { processEvents: async () => undefined, processError: async () => undefined }
  const subscription = other.subscribe('0', nothing, { ownerLevel: 3, maxWaitTimeInSeconds: 1 })
  await until('it is told', () => isRaised('reader-evicted'))
  const [message] = await told('reader-evicted')
  expect(message).toMatch(/Consumer group weir of hub taken: .*epoch 3/)
  await subscription.close()
  await other.close()
  await until('it is read again', async () => !(await isRaised('reader-evicted')))
})
