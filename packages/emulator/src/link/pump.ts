import { once } from 'node:events'
import type { Socket } from 'node:net'
import { BoundedQueue, type Clock } from '@weir/runtime'
import type { Pace } from './pace.ts'

/** Bytes on the way in one direction of one connection; the sender waits while they are there. */
export const IN_FLIGHT_BYTES_MAX = 262_144

interface Parcel {
  readonly bytes: Buffer
  /** Epoch milliseconds before which it does not arrive. */
  readonly due: number
}

/**
 * Carries one direction of a connection until its sender ends: `counted` hears of each piece as it enters,
 * the pace says how long it travels. Rejects when either side breaks.
 */
export async function pump(
  from: Socket,
  to: Socket,
  pace: Pace,
  clock: Clock,
  counted: (bytes: number) => void,
): Promise<void> {
  const queue = new BoundedQueue<Parcel | 'end'>(IN_FLIGHT_BYTES_MAX)
  // Whoever cannot arrive any more must not keep the sender waiting for room.
  const arriving = arrive(queue, to, pace, clock).finally(() => queue.close())
  try {
    for await (const bytes of from.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      counted(bytes.length)
      await queue.put({ bytes, due: clock.now() + pace.delayMs }, bytes.length)
    }
    await queue.put('end', 1)
    await arriving
  } catch (error) {
    queue.close()
    await arriving.catch(() => undefined)
    throw error
  }
}

async function arrive(
  queue: BoundedQueue<Parcel | 'end'>,
  to: Socket,
  pace: Pace,
  clock: Clock,
): Promise<void> {
  while (!to.destroyed) {
    await queue.ready()
    const [parcel] = queue.takeNow(1)
    if (parcel === undefined) return
    if (parcel === 'end') return void to.end()
    await clock.sleep(Math.max(0, parcel.due - clock.now()))
    await pace.admit(parcel.bytes.length)
    if (!to.destroyed && !to.write(parcel.bytes)) await drained(to)
  }
}

/** Also resolves when the receiver goes away. */
async function drained(to: Socket): Promise<void> {
  const gone = new AbortController()
  const done = { signal: gone.signal }
  await Promise.race([once(to, 'drain', done), once(to, 'close', done)]).catch(() => undefined)
  gone.abort()
}
