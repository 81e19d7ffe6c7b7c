import type { TokenCredential } from '@azure/identity'
import { type Clock, WeirError } from '@weir/runtime'
import { Agent, type Dispatcher, EnvHttpProxyAgent, fetch, type Response } from 'undici'
import { isLoopback } from '../connection-string.ts'
import { unlessAborted, within } from '../within.ts'
import { failureOf, RestFailure } from './failure.ts'
import { TokenSource } from './token.ts'

/** A service of Microsoft's that is asked over HTTP with a token of Entra ID. */
export interface RestService {
  readonly name: string
  /** `https://graph.microsoft.com`, or a sovereign cloud's; plain HTTP for this machine only. */
  readonly root: string
  /** What tokens are for. */
  readonly scope: string
  readonly credential: TokenCredential
  /** A request without its whole answer for so long has failed. */
  readonly answerMsMax: number
  /** A larger body is not taken; the request has failed. */
  readonly bodyBytesMax: number
}

export interface RestAnswer {
  readonly headers: Headers
  readonly body: Buffer
  /** Epoch milliseconds by the service's clock. */
  readonly at: number
}

/** `Date` has whole seconds and is as old as the answer's way: a smaller difference says nothing. */
const SKEW_MS_MIN = 2_000

/** Asks, one request at a time per call; a token that is refused is replaced once. */
export class RestClient {
  readonly #service: RestService
  readonly #clock: Clock
  readonly #tokens: TokenSource
  readonly #dispatcher: Dispatcher
  #skewMs = 0
  /** What the last answer told of it. */
  #toldMs: number | undefined

  /** Throws `WeirError` CONFIG_INVALID for a root that would send the token in the clear. */
  constructor(service: RestService, clock: Clock) {
    const { protocol, hostname } = new URL(service.root)
    const local = isLoopback(hostname)
    if (protocol !== 'https:' && !local)
      throw new WeirError('CONFIG_INVALID', `source ${service.name}: root must begin with https://`)
    this.#service = service
    this.#clock = clock
    this.#tokens = new TokenSource(service.credential, service.scope, clock)
    this.#dispatcher = local ? new Agent() : new EnvHttpProxyAgent()
  }

  /** Epoch milliseconds by the service's clock, as its last answer told: its times are filtered by it, not by ours. */
  now(): number {
    return this.#clock.now() + this.#skewMs
  }

  token(): Promise<string> {
    return this.#tokens.get()
  }

  async close(): Promise<void> {
    await this.#dispatcher.destroy()
  }

  /**
   * @param url a whole address on the service's own host, or a path below its root. Throws `RestFailure` for
   * an answer that is no success, and for an address on another host, which must not see the token.
   */
  async ask(url: string, signal: AbortSignal, method: 'GET' | 'POST' = 'GET'): Promise<RestAnswer> {
    const target = this.#onHost(url)
    const token = await unlessAborted(signal, this.#tokens.get())
    const first = await this.#once(target, token, method, signal)
    if (first.status !== 401) return this.#answer(first)
    const renewed = await unlessAborted(signal, this.#tokens.renew(token, claimsOf(first.headers)))
    // A managed identity's library gives the same token until it nears its end.
    if (renewed === token) return this.#answer(first)
    return this.#answer(await this.#once(target, renewed, method, signal))
  }

  #onHost(url: string): URL {
    const target = new URL(url, this.#service.root)
    if (target.origin === new URL(this.#service.root).origin) return target
    throw new RestFailure(0, `the service leads to ${target.origin}, which must not see the token`)
  }

  async #once(url: URL, token: string, method: string, signal: AbortSignal): Promise<Taken> {
    const { answerMsMax, bodyBytesMax } = this.#service
    const over = new AbortController()
    const options = {
      method,
      headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
      redirect: 'manual',
      dispatcher: this.#dispatcher,
      signal: AbortSignal.any([signal, over.signal]),
    } as const
    const work = fetch(url, options).then((response) => take(response, bodyBytesMax))
    try {
      return await within(this.#clock, answerMsMax, `GET ${url.pathname}`, work)
    } finally {
      over.abort()
    }
  }

  #answer({ status, headers, body }: Taken): RestAnswer {
    this.#learnClock(headers.get('date'))
    if (status >= 200 && status < 300) return { headers, body, at: this.now() }
    throw failureOf(status, headers, body.toString('utf8'), this.#clock)
  }

  #learnClock(date: string | null): void {
    const told = date === null ? Number.NaN : Date.parse(date)
    if (Number.isNaN(told)) return
    const ahead = told - this.#clock.now()
    const skew = Math.abs(ahead) <= SKEW_MS_MIN ? 0 : ahead
    // One answer that is wrong by a year must not move windows by a year: the next one has to say the same.
    const agreed = this.#toldMs === undefined || Math.abs(skew - this.#toldMs) <= 2 * SKEW_MS_MIN
    this.#toldMs = skew
    if (agreed) this.#skewMs = skew
  }
}

interface Taken {
  readonly status: number
  readonly headers: Headers
  readonly body: Buffer
}

async function take(response: Response, bytesMax: number): Promise<Taken> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > bytesMax)
      throw new RestFailure(0, `the answer is larger than ${bytesMax} bytes`, { code: 'TooLarge' })
    chunks.push(chunk)
  }
  return {
    status: response.status,
    headers: response.headers as unknown as Headers,
    body: Buffer.concat(chunks),
  }
}

/** What the service demands of the next token, where it withdrew this one before its end. */
function claimsOf(headers: Headers): string | undefined {
  const written = /claims="([^"]+)"/.exec(headers.get('www-authenticate') ?? '')?.[1]
  return written === undefined ? undefined : Buffer.from(written, 'base64').toString('utf8')
}
