import type { Clock } from '@weir/runtime'
import { within } from '../within.ts'
import { AmqpConnection } from './connection.ts'
import type { Endpoint } from './endpoint.ts'
import { type AttachOptions, PartitionLink } from './partition-link.ts'
import { Requests } from './requests.ts'

/** How far a partition is. */
export interface PartitionProperties {
  readonly empty: boolean
  readonly begin: number
  readonly last: number
  readonly lastOffset: string
  /** Epoch milliseconds. */
  readonly lastEnqueued: number
}

/** A token is renewed so long before it ends; whether it is time is looked at so often. */
const RENEW_BEFORE_MS = 300_000
const RENEW_LOOK_MS = 30_000

const GOODBYE_MS_MAX = 1_000

/** One authorized connection to a namespace, with what we ask of it. */
export class HubService {
  readonly #connection: AmqpConnection
  readonly #endpoint: Endpoint
  readonly #clock: Clock
  readonly #answerMsMax: number
  /** By address, the links that are open. */
  readonly #nodes = new Map<string, Requests>()
  #links = 0
  /** By audience, when its token ends. */
  readonly #authorized = new Map<string, Promise<number>>()
  readonly #over = new AbortController()

  private constructor(connection: AmqpConnection, endpoint: Endpoint, clock: Clock, answerMsMax: number) {
    this.#connection = connection
    this.#endpoint = endpoint
    this.#clock = clock
    this.#answerMsMax = answerMsMax
    void connection.closed.then(() => this.#over.abort())
    void this.#renew()
  }

  /** Rejects when the namespace cannot be reached in `answerMsMax`, or the signal aborts first. */
  static async connect(
    endpoint: Endpoint,
    clock: Clock,
    answerMsMax: number,
    signal: AbortSignal,
  ): Promise<HubService> {
    signal.throwIfAborted()
    const connection = new AmqpConnection(endpoint)
    const stop = (): void => connection.abort(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    try {
      await within(clock, answerMsMax, `connecting to ${endpoint.host}`, connection.opened())
    } catch (error) {
      connection.abort(error as Error)
      throw error
    } finally {
      signal.removeEventListener('abort', stop)
    }
    return new HubService(connection, endpoint, clock, answerMsMax)
  }

  get open(): boolean {
    return !this.#over.signal.aborted
  }

  /** Says goodbye; a peer that does not answer is left without. */
  async close(): Promise<void> {
    this.#connection.close()
    await this.#clock.sleep(GOODBYE_MS_MAX, this.#over.signal)
    this.#connection.abort(new Error('closed'))
  }

  async partitionIds(hub: string): Promise<readonly string[]> {
    const body = await this.#read(hub, 'com.microsoft:eventhub', {})
    return (body['partition_ids'] as readonly string[]).map(String)
  }

  async partition(hub: string, partition: string): Promise<PartitionProperties> {
    const body = await this.#read(hub, 'com.microsoft:partition', { partition })
    return {
      empty: body['is_partition_empty'] === true,
      begin: Number(body['begin_sequence_number']),
      last: Number(body['last_enqueued_sequence_number']),
      lastOffset: String(body['last_enqueued_offset']),
      lastEnqueued: Number(body['last_enqueued_time_utc']),
    }
  }

  /** Attaches a receiver without credit. */
  async attach(options: AttachOptions): Promise<PartitionLink> {
    const path = `${options.hub}/ConsumerGroups/${options.consumerGroup}/Partitions/${options.partition}`
    await this.#authorize(path)
    const link = new PartitionLink(this.#connection.session(), path, options)
    try {
      await this.#inTime(`attaching to ${path}`, this.#connection.orClosed(link.opened))
    } catch (error) {
      link.close()
      throw error
    }
    const forget = this.#connection.onClosed((reason) => link.end(reason))
    link.over.catch(forget)
    return link
  }

  async #read(
    hub: string,
    type: string,
    more: Readonly<Record<string, string>>,
  ): Promise<Readonly<Record<string, unknown>>> {
    const path = `${hub}/$management`
    await this.#authorize(path)
    const { token } = await this.#endpoint.token(`${this.#endpoint.audience}${hub}`)
    const properties = { operation: 'READ', name: hub, type, ...more, security_token: token }
    const asked = this.#node('$management').ask(properties, Buffer.from('[]'))
    return (await this.#inTime(`asking about ${hub}`, asked)).body
  }

  /** Opened when it is first needed: to `$management` the service wants a token before the links. */
  #node(address: string): Requests {
    const known = this.#nodes.get(address)
    if (known?.open === true) return known
    const node = new Requests(this.#connection, address, ++this.#links)
    this.#nodes.set(address, node)
    return node
  }

  #authorize(path: string): Promise<number> {
    const audience = `${this.#endpoint.audience}${path}`
    const known = this.#authorized.get(audience)
    if (known !== undefined) return known
    const put = this.#putToken(audience)
    this.#authorized.set(audience, put)
    put.catch(() => this.#authorized.delete(audience))
    return put
  }

  async #putToken(audience: string): Promise<number> {
    const { token, type, expires } = await this.#endpoint.token(audience)
    const asked = this.#node('$cbs').ask({ operation: 'put-token', name: audience, type }, token)
    await this.#inTime(`authorizing ${audience}`, asked)
    return expires
  }

  /** Keeps the tokens alive; one that cannot be renewed makes the service detach us, and that is seen there. */
  async #renew(): Promise<void> {
    const { signal } = this.#over
    while (!signal.aborted) {
      await this.#clock.sleep(RENEW_LOOK_MS, signal)
      for (const [audience, expires] of this.#authorized) {
        if (signal.aborted || (await expires.catch(() => Infinity)) - RENEW_BEFORE_MS > this.#clock.now())
          continue
        const renewed = await this.#putToken(audience).catch(() => undefined)
        if (renewed !== undefined) this.#authorized.set(audience, Promise.resolve(renewed))
      }
    }
  }

  /** Who does not answer in time is not there: the connection is given up, so that everybody makes a new one. */
  async #inTime<T>(what: string, work: Promise<T>): Promise<T> {
    let answered = false
    const seen = work.finally(() => {
      answered = true
    })
    try {
      return await within(this.#clock, this.#answerMsMax, what, seen)
    } catch (error) {
      if (!answered) this.#connection.abort(error as Error)
      throw error
    }
  }
}
