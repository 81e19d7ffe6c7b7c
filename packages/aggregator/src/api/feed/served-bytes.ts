import type { FeedStore } from '@weir/model'
import type { Clock } from '@weir/runtime'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** Time between two marks in the store per forwarder; a crash forgets at most the bytes of one such step. */
const STEP_MS = 5000

interface Account {
  bytes: number
  markedAt: number
}

/** Counts what each forwarder was served, and marks it in the store in steps. */
export class ServedBytes {
  readonly #store: FeedStore
  readonly #clock: Clock
  readonly #accounts = new Map<string, Account>()

  constructor(store: FeedStore, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** Bytes that the store has not been told of yet. */
  pending(forwarder: string): number {
    return this.#accounts.get(forwarder)?.bytes ?? 0
  }

  /** Adds one exchange, and tells the store when the last step is long enough ago. */
  async add(forwarder: string, bytes: number): Promise<void> {
    const account = this.#accounts.get(forwarder) ?? { bytes: 0, markedAt: Number.NEGATIVE_INFINITY }
    account.bytes += bytes
    this.#accounts.set(forwarder, account)
    if (this.#clock.now() - account.markedAt >= STEP_MS) await this.#mark(forwarder, account)
  }

  /** Tells the store what it has not been told yet. */
  async flush(forwarder: string): Promise<void> {
    const account = this.#accounts.get(forwarder)
    if (account !== undefined && account.bytes > 0) await this.#mark(forwarder, account)
  }

  async #mark(forwarder: string, account: Account): Promise<void> {
    const servedBytes = account.bytes
    account.bytes = 0
    account.markedAt = this.#clock.now()
    try {
      await this.#store.mark(forwarder, { servedBytes }, account.markedAt)
    } catch (error) {
      account.bytes += servedBytes
      throw error
    }
  }
}

/** Bytes of one exchange, both ways: request and response, headers and bodies, before TLS. */
export function exchangeBytes(request: FastifyRequest, reply: FastifyReply): number {
  const asked = `${request.method} ${request.url} HTTP/1.1\r\n`.length
  const answered = `HTTP/1.1 ${reply.statusCode} ${reply.raw.statusMessage}\r\n`.length
  const { rawHeaders } = request.raw
  let bytes = asked + answered + '\r\n\r\n'.length
  // Names and values alternate; each pair adds ': ' and an end of line.
  for (const text of rawHeaders) bytes += Buffer.byteLength(text) + 2
  for (const [name, value] of Object.entries(reply.getHeaders())) bytes += `${name}: ${value}\r\n`.length
  return bytes + lengthOf(request.headers['content-length']) + lengthOf(reply.getHeader('content-length'))
}

function lengthOf(header: unknown): number {
  return Number(header ?? 0)
}
