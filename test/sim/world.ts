import type { EventSource, RawBatch, RawMessage, SourceContext } from '@weir/model'
import type { Clock } from '@weir/runtime'
import { pick, seeded } from './random.ts'

/** Epoch milliseconds at which the simulated traffic begins. */
export const START = Date.parse('2026-03-01T08:00:00Z')
const MINUTE = 60_000

/** Time that passes only when somebody waits: a minute of waiting costs a turn of the event loop. */
export class SimulatedClock implements Clock {
  #now: number
  constructor(now: number) {
    this.#now = now
  }
  now(): number {
    return this.#now
  }
  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    if (signal?.aborted !== true) this.#now += ms
  }
}

export interface Partition {
  readonly name: string
  readonly messages: readonly RawMessage[]
}

/**
 * Sign-ins of some users over three hours in some partitions: failures that spray, bursts on one user that go on
 * with gaps, successes; out of order, some up to 40 minutes late, some sent twice, some broken.
 */
export function trafficOf(seed: number): Partition[] {
  const random = seeded(seed)
  const records = Array.from({ length: 400 }, (_, n) => signIn(random, n))
  const arrivals = records
    .flatMap((record) => (random() < 0.1 ? [record, record] : [record]))
    .map((record) => ({
      ...record,
      arrival: record.time + 1_000 + (random() < 0.2 ? random() * 40 * MINUTE : random() * 60_000),
    }))
    .sort((a, b) => a.arrival - b.arrival)
  return Array.from({ length: 3 }, (_, p) => ({
    name: `hub/${p}`,
    messages: messagesOf(
      arrivals.filter((_, n) => n % 3 === p),
      random,
    ),
  }))
}

interface SignIn {
  readonly time: number
  readonly text: string
}

function signIn(random: () => number, n: number): SignIn {
  // Four hot stretches of ten minutes, so that windows fill, touch and join; the rest is spread.
  const hot = random() < 0.6
  const minute = hot ? pick(random, 4) * 45 + random() * 12 : random() * 180
  const time = Math.floor(START + minute * MINUTE)
  const errorCode = random() < 0.7 ? 50126 : 0
  const text = JSON.stringify({
    time: new Date(time).toISOString(),
    resourceId: '/tenants/t/providers/Microsoft.aadiam',
    operationName: 'Sign-in activity',
    category: 'SignInLogs',
    resultType: String(errorCode),
    properties: {
      id: `sign-in-${n}`,
      createdDateTime: new Date(time).toISOString(),
      userPrincipalName: `user${pick(random, 12)}@example.test`,
      ipAddress: `198.51.100.${pick(random, 5)}`,
      status: { errorCode },
    },
  })
  return { time, text: random() < 0.01 ? text.slice(0, -7) : text }
}

function messagesOf(records: readonly (SignIn & { arrival: number })[], random: () => number): RawMessage[] {
  const messages: RawMessage[] = []
  for (let from = 0; from < records.length; ) {
    const size = 1 + pick(random, 9)
    const slice = records.slice(from, from + size)
    const bytes = Buffer.from(slice.map((record) => record.text).join('\n'))
    messages.push({
      bytes,
      at: String(messages.length),
      arrival: Math.max(...slice.map((record) => record.arrival)),
    })
    from += size
  }
  return messages
}

/** Delivers partitions from their cursors, batch by batch, in an order and in sizes that the seed decides. */
export function simulatedSource(partitions: readonly Partition[], seed: number, clock: Clock): EventSource {
  return {
    name: 'hubs',
    async run({ cursors, deliver, signal }: SourceContext): Promise<void> {
      const random = seeded(seed)
      await deliver({ kind: 'partitions', source: 'hubs', partitions: partitions.map((each) => each.name) })
      const next = new Map(partitions.map((each) => [each.name, Number(cursors.get(each.name) ?? 0)]))
      while (!signal.aborted && partitions.some((each) => next.get(each.name)! < each.messages.length)) {
        const partition = partitions[pick(random, partitions.length)]!
        const from = next.get(partition.name)!
        const to = Math.min(partition.messages.length, from + 1 + pick(random, 4))
        if (from >= partition.messages.length) continue
        await deliver(batchOf(partition, from, to))
        next.set(partition.name, to)
      }
      await tellCaughtUp(partitions, deliver, clock, signal)
    },
  }
}

function batchOf(partition: Partition, from: number, to: number): RawBatch {
  return {
    kind: 'batch',
    source: 'hubs',
    partition: partition.name,
    messages: partition.messages.slice(from, to),
    cursors: [{ source: 'hubs', key: partition.name, value: String(to) }],
  }
}

async function tellCaughtUp(
  partitions: readonly Partition[],
  deliver: SourceContext['deliver'],
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    for (const { name } of partitions) {
      await deliver({ kind: 'state', source: 'hubs', partition: name, state: 'caught-up', now: clock.now() })
    }
    await clock.sleep(60_000, signal)
  }
}
