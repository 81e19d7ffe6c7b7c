import { subscribe } from 'node:diagnostics_channel'
import { mkdtempSync, rmSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  EventHubConsumerClient,
  EventHubProducerClient,
  type EventPosition,
  earliestEventPosition,
  type ReceivedEventData,
  type RetryOptions,
  type SubscribeOptions,
} from '@azure/event-hubs'
import { afterEach } from 'vitest'
import { type EventHubsEmulator, type EventHubsOptions, startEventHubs } from '../src/eventhubs/index.ts'

/**
 * The SDK leaves Nagle's algorithm on, and on loopback that costs each handshake some 40 ms of waiting for
 * an ACK.
 */
subscribe('net.client.socket', (message) => (message as { socket: Socket }).socket.setNoDelay(true))

const endings: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

/** Done after the test, last first. */
export function atEnd(end: () => Promise<unknown>): void {
  endings.push(end)
}

/** A folder of the test's own, gone after it. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'weir-eventhubs-'))
  atEnd(async () => rmSync(path, { recursive: true, force: true }))
  return path
}

/** An emulator of the test's own; one hub `logs` of four partitions unless told otherwise. */
export async function emulator(
  options: Partial<EventHubsOptions> = {},
  now?: () => number,
): Promise<EventHubsEmulator> {
  const defaults = { port: 0, file: join(folder(), 'hubs.db'), hubs: [{ name: 'logs', partitions: 4 }] }
  const started = await startEventHubs({ ...defaults, ...options }, now)
  atEnd(() => started.close())
  return started
}

/** Retries follow at once, so that what a fault does shows within the test. */
const RETRY: RetryOptions = { maxRetries: 3, retryDelayInMs: 20 }

/** A send whose link is lost is only given up when its time is over; the default would be a minute. */
export const SOON: RetryOptions = { timeoutInMs: 1000 }

/** The first failure is the last. */
export const ONCE: RetryOptions = { maxRetries: 0 }

interface Reachable {
  readonly connectionString: string
}

export function producer({ connectionString }: Reachable, retry: RetryOptions = {}) {
  const retryOptions = { ...RETRY, ...retry }
  const client = new EventHubProducerClient(connectionString, 'logs', { retryOptions })
  atEnd(() => client.close())
  return client
}

export function consumer({ connectionString }: Reachable, group = '$Default', retry: RetryOptions = {}) {
  const retryOptions = { ...RETRY, ...retry }
  const client = new EventHubConsumerClient(group, connectionString, 'logs', { retryOptions })
  atEnd(() => client.close())
  return client
}

/** Events read so far, the first error met, and ways to wait for either. */
export interface Reading {
  readonly events: ReceivedEventData[]
  /** Resolves when so many events have been read. */
  count(events: number): Promise<ReceivedEventData[]>
  /** Resolves with the code of the first error. */
  error(): Promise<string>
  close(): Promise<void>
}

/** Reads one partition from a position, the earliest unless told otherwise. */
export function read(
  client: EventHubConsumerClient,
  partition: string,
  startPosition: EventPosition = earliestEventPosition,
  options: SubscribeOptions = {},
): Reading {
  const events: ReceivedEventData[] = []
  const failed = Promise.withResolvers<string>()
  const waiting: { events: number; resolve: (events: ReceivedEventData[]) => void }[] = []
  const settle = () => {
    for (const each of waiting) if (events.length >= each.events) each.resolve([...events])
  }
  const subscription = client.subscribe(
    partition,
    {
      async processEvents(batch) {
        events.push(...batch)
        settle()
      },
      async processError(error) {
        failed.resolve('code' in error ? String(error.code) : error.name)
      },
    },
    { startPosition, maxBatchSize: 500, maxWaitTimeInSeconds: 1, skipParsingBodyAsJson: true, ...options },
  )
  atEnd(() => subscription.close())
  return {
    events,
    count(wanted) {
      const { promise, resolve } = Promise.withResolvers<ReceivedEventData[]>()
      waiting.push({ events: wanted, resolve })
      settle()
      return promise
    },
    error: () => failed.promise,
    close: () => subscription.close(),
  }
}

export function sequences(events: readonly ReceivedEventData[]): number[] {
  return events.map((event) => event.sequenceNumber)
}

/** 0 … count - 1, shifted by `from`. */
export function run(count: number, from = 0): number[] {
  return Array.from({ length: count }, (_, index) => from + index)
}

export async function post(emulator: EventHubsEmulator, path: string, body: unknown, method = 'POST') {
  const response = await fetch(`${emulator.control}${path}`, { method, body: JSON.stringify(body) })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}
