import type { Clock } from '@weir/runtime'
import { TookTooLong, within } from '../within.ts'
import { Claims } from './claims.ts'
import { AmqpConnection } from './connection.ts'
import type { Endpoint } from './endpoint.ts'
import { type AttachOptions, PartitionLink } from './partition-link.ts'

/** A token is renewed so long before it ends; whether it is time is looked at so often. */
const RENEW_BEFORE_MS = 300_000
const RENEW_LOOK_MS = 30_000

const GOODBYE_MS_MAX = 1_000

/** One authorized connection to a namespace, on which partitions are read. */
export class HubService {
  readonly #connection: AmqpConnection
  readonly #endpoint: Endpoint
  readonly #clock: Clock
  readonly #answerMsMax: number
  #claims: Claims | undefined
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
    const token = await this.#endpoint.token(audience)
    if (this.#claims?.open !== true) this.#claims = new Claims(this.#connection, ++this.#links)
    await this.#inTime(`authorizing ${audience}`, this.#claims.putToken(audience, token))
    return token.expires
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
    try {
      return await within(this.#clock, this.#answerMsMax, what, work)
    } catch (error) {
      if (error instanceof TookTooLong) this.#connection.abort(error)
      throw error
    }
  }
}
