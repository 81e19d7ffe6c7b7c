import {
  type CheckpointStore,
  EventHubConsumerClient,
  earliestEventPosition,
  type PartitionOwnership,
} from '@azure/event-hubs'
import { expect, test } from 'vitest'
import { atEnd, consumer, emulator, ONCE, producer, read } from './eventhubs-kit.ts'

const STOLEN = 'ReceiverDisconnectedError'

async function filled() {
  const hub = await emulator()
  await producer(hub).sendBatch([{ body: 1 }], { partitionId: '0' })
  const reader = (ownerLevel?: number) =>
    read(
      consumer(hub, '$Default', ONCE),
      '0',
      earliestEventPosition,
      ownerLevel === undefined ? {} : { ownerLevel },
    )
  return { hub, reader }
}

test.for([
  ['a higher epoch takes the partition', 1, 2],
  ['an equal epoch takes the partition', 1, 1],
  ['an epoch takes it from a reader without', undefined, 1],
] as const)('%s', async ([, first, second]) => {
  const { reader } = await filled()
  const before = reader(first)
  await before.count(1)
  const after = reader(second)
  await after.count(1)
  expect(await before.error()).toBe(STOLEN)
})

test.for([
  ['a lower epoch is turned away', 5, 4],
  ['a reader without epoch is turned away', 1, undefined],
] as const)('%s', async ([, first, second]) => {
  const { hub, reader } = await filled()
  await reader(first).count(1)
  expect(await reader(second).error()).toBe(STOLEN)
  expect(hub.operator.state().receivers.map((receiver) => receiver.epoch)).toEqual([first])
})

test('five readers without epoch may share a partition of a consumer group, a sixth may not', async () => {
  const { hub, reader } = await filled()
  await Promise.all(Array.from({ length: 5 }, () => reader().count(1)))
  expect(await reader().error()).toBe('QuotaExceededError')
  await read(consumer(hub, 'another'), '0').count(1)
})

test('a reader that closes makes room', async () => {
  const { hub, reader } = await filled()
  const first = reader(3)
  await first.count(1)
  await first.close()
  await expect.poll(() => hub.operator.state().receivers).toEqual([])
  await reader().count(1)
})

/** Ownership as a store of checkpoints keeps it: whoever claims with the last etag has the partition. */
function sharedStore(): CheckpointStore {
  const owned = new Map<string, PartitionOwnership>()
  return {
    listOwnership: async () => [...owned.values()],
    async claimOwnership(wanted) {
      const claimed: PartitionOwnership[] = []
      for (const each of wanted) {
        const last = owned.get(each.partitionId)
        if (last !== undefined && last.etag !== each.etag) continue
        const claim = { ...each, etag: String(Number(last?.etag ?? 0) + 1), lastModifiedTimeInMs: Date.now() }
        owned.set(each.partitionId, claim)
        claimed.push(claim)
      }
      return claimed
    },
    updateCheckpoint: async () => {},
    listCheckpoints: async () => [],
  }
}

test('two consumers share the partitions, and one takes over when the other leaves', async () => {
  const hub = await emulator()
  const store = sharedStore()
  const join = (holds: Set<string>) => {
    const client = new EventHubConsumerClient('$Default', hub.connectionString, 'logs', store, {
      loadBalancingOptions: { strategy: 'greedy', updateIntervalInMs: 50 },
    })
    const subscription = client.subscribe(
      {
        processEvents: async () => {},
        processError: async () => {},
        processInitialize: async ({ partitionId }) => void holds.add(partitionId),
        processClose: async (_, { partitionId }) => void holds.delete(partitionId),
      },
      { startPosition: earliestEventPosition, maxWaitTimeInSeconds: 1 },
    )
    const leave = async () => {
      await subscription.close()
      await client.close()
    }
    atEnd(leave)
    return leave
  }
  const first = new Set<string>()
  const second = new Set<string>()
  const patience = { timeout: 10_000 }
  const leave = join(first)
  await expect.poll(() => first.size, patience).toBe(4)
  join(second)
  await expect.poll(() => [first.size, second.size], patience).toEqual([2, 2])
  await leave()
  await expect.poll(() => second.size, patience).toBe(4)
  await expect.poll(() => hub.operator.state().receivers.map((each) => each.epoch)).toEqual([0, 0, 0, 0])
})
