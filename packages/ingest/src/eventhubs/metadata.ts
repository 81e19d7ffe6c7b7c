import { EventHubConsumerClient, MessagingError } from '@azure/event-hubs'
import type { Clock } from '@weir/runtime'
import type { Connection } from 'rhea'
import { unlessAborted, within } from '../within.ts'
import { abortConnection, closedOf } from './connection.ts'
import type { Endpoint } from './endpoint.ts'
import { AmqpFailure } from './failure.ts'

/** What a hub consists of. */
export interface HubProperties {
  readonly partitionIds: readonly string[]
  /** Epoch milliseconds. */
  readonly created: number
}

/** How far a partition is. */
export interface PartitionProperties {
  readonly empty: boolean
  readonly begin: number
  readonly last: number
  readonly lastOffset: string
  /** Epoch milliseconds. */
  readonly lastEnqueued: number
}

/** A client of the SDK, the connection beneath it, and what gives up everything that was asked through it. */
interface Line {
  readonly client: EventHubConsumerClient
  readonly connection: Connection & { readonly socket?: unknown }
  readonly over: AbortController
}

interface Asked {
  readonly abortSignal: AbortSignal
}

const GOODBYE_MS_MAX = 1_000

/** The SDK's own time limit comes so much later than ours, so that ours is the one that speaks. */
const SDK_LATER_MS = 1_000

/**
 * What one hub says of itself and its partitions, asked through the Azure SDK, on a connection of its own that
 * is opened by the first question. Questions reject with `AmqpFailure` when the service refuses, `TookTooLong`
 * after `answerMsMax`, or whatever the network or the credential threw; none is asked twice.
 */
export class HubMetadata {
  readonly #endpoint: Endpoint
  readonly #hub: string
  readonly #clock: Clock
  readonly #answerMsMax: number
  #line: Line | undefined
  #asked: Promise<HubProperties> | undefined
  #closed = false

  constructor(endpoint: Endpoint, hub: string, clock: Clock, answerMsMax: number) {
    this.#endpoint = endpoint
    this.#hub = hub
    this.#clock = clock
    this.#answerMsMax = answerMsMax
  }

  /** Whoever asks while a question is on its way gets its answer. */
  hub(): Promise<HubProperties> {
    this.#asked ??= this.#askHub().finally(() => {
      this.#asked = undefined
    })
    return this.#asked
  }

  async #askHub(): Promise<HubProperties> {
    const told = await this.#ask((client, asked) => client.getEventHubProperties(asked))
    return { partitionIds: told.partitionIds, created: told.createdOn.getTime() }
  }

  async partition(id: string): Promise<PartitionProperties> {
    const told = await this.#ask((client, asked) => client.getPartitionProperties(id, asked))
    return {
      empty: told.isEmpty,
      begin: told.beginningSequenceNumber,
      last: told.lastEnqueuedSequenceNumber,
      lastOffset: told.lastEnqueuedOffset,
      lastEnqueued: told.lastEnqueuedOnUtc.getTime(),
    }
  }

  /** Says goodbye; a service that does not answer is left without. What is still asked rejects. */
  async close(): Promise<void> {
    this.#closed = true
    const line = this.#line
    if (line === undefined) return
    await within(this.#clock, GOODBYE_MS_MAX, 'closing', line.client.close()).catch(() => undefined)
    this.#drop(line, new Error('closed'))
  }

  /** A refusal leaves the client as it is; after any other failure a connection is never what it seems. */
  async #ask<T>(question: (client: EventHubConsumerClient, asked: Asked) => Promise<T>): Promise<T> {
    if (this.#closed) throw new Error('closed')
    this.#line ??= this.#open()
    const line = this.#line
    const { signal } = line.over
    try {
      const answer = unlessAborted(signal, question(line.client, { abortSignal: signal }))
      return await within(this.#clock, this.#answerMsMax, `asking about ${this.#hub}`, answer)
    } catch (error) {
      const failure = failureOfSdk(error)
      if (!isRefusal(failure)) this.#drop(line, failure)
      throw failure
    }
  }

  /** Without the connection's own word a question in flight would wait for its whole time when it breaks. */
  #open(): Line {
    const client = clientOf(this.#endpoint, this.#hub, this.#answerMsMax)
    const line = { client, connection: connectionOf(client), over: new AbortController() }
    endProof(client, line.over.signal)
    const closed = closedOf(line.connection, `${this.#endpoint.line} was closed`)
    void closed.then((reason) => this.#drop(line, reason))
    return line
  }

  /** The connection ends before what waits for it is told: the other way round the SDK would write to it once more. */
  #drop(line: Line, reason: Error): void {
    if (line.over.signal.aborted) return
    if (this.#line === line) this.#line = undefined
    if (line.connection.socket !== undefined) abortConnection(line.connection, reason)
    line.over.abort(reason)
  }
}

/** Our own retry decides, so the SDK has none. The consumer group is only named: nothing is received here. */
function clientOf(endpoint: Endpoint, hub: string, answerMsMax: number): EventHubConsumerClient {
  const { host, port, proof, webSocket } = endpoint
  const group = EventHubConsumerClient.defaultConsumerGroupName
  const retryOptions = { maxRetries: 0, timeoutInMs: answerMsMax + SDK_LATER_MS }
  if (typeof proof === 'string') return new EventHubConsumerClient(group, proof, hub, { retryOptions })
  return new EventHubConsumerClient(group, host, hub, proof, {
    retryOptions,
    customEndpointAddress: `sb://${host}:${port}`,
    ...(webSocket === undefined ? {} : { webSocketOptions: { webSocket } }),
  })
}

/**
 * The SDK can only say goodbye, for which it waits a minute. What ends a connection at once is beneath it, and
 * no part of its types.
 */
function connectionOf(client: EventHubConsumerClient): Connection {
  const inner = client as unknown as { _context: { connection: { _connection: Connection } } }
  const connection = inner._context.connection._connection
  // As for our own connection: a question is a few tiny frames.
  Object.assign(connection.options, { tcp_no_delay: true })
  return connection
}

/** What keeps a proof alive, by a timer of many minutes. */
interface Renewal {
  stop(): void
}

/** An SDK that is closed while it proves who we are begins to keep that proof alive afterwards, for good. */
function endProof(client: EventHubConsumerClient, over: AbortSignal): void {
  const inner = client as unknown as { _context: { managementSession: object } }
  let renewal: Renewal | undefined
  Object.defineProperty(inner._context.managementSession, 'authLoop', {
    get: () => renewal,
    set: (given: Renewal | undefined) => {
      renewal = given
      if (over.aborted) given?.stop()
    },
  })
  over.addEventListener('abort', () => renewal?.stop(), { once: true })
}

/** The conditions behind the names that the SDK gives them. */
const CONDITIONS: Readonly<Record<string, string>> = {
  UnauthorizedError: 'amqp:unauthorized-access',
  MessagingEntityNotFoundError: 'amqp:not-found',
  ServiceCommunicationError: 'amqp:not-found',
  ArgumentOutOfRangeError: 'com.microsoft:argument-out-of-range',
  MessagingEntityDisabledError: 'com.microsoft:entity-disabled',
  QuotaExceededError: 'amqp:resource-limit-exceeded',
  ServerBusyError: 'com.microsoft:server-busy',
  InternalServerError: 'amqp:internal-error',
  DetachForcedError: 'amqp:link:detach-forced',
  ConnectionForcedError: 'amqp:connection:forced',
}

function failureOfSdk(error: unknown): Error {
  if (!(error instanceof MessagingError)) return error instanceof Error ? error : new Error(String(error))
  const condition = CONDITIONS[error.code ?? '']
  return condition === undefined ? error : new AmqpFailure(condition, error.message)
}

function isRefusal(failure: Error): boolean {
  return failure instanceof AmqpFailure && !failure.condition.startsWith('amqp:connection:')
}
