import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { WeirError } from '@weir/runtime'
import { Agent, type Dispatcher, ProxyAgent, request } from 'undici'
import { replacedTls, type TlsFiles, type TlsOptions, tlsOptions } from '../tls-files.ts'

export interface HttpPlace extends TlsFiles {
  /** The output's, for messages. */
  readonly name: string
  /** Paths of calls are resolved against it. */
  readonly url: string
  /** An HTTP proxy on the way there; a name and a password in it are shown to the proxy alone. */
  readonly proxy?: string | undefined
  readonly connectMs: number
  /** All calls go over one connection, one after another, and it is kept while it is idle. Not through a proxy. */
  readonly single?: boolean
}

interface HttpCall {
  readonly path: string
  /** GET without a body, POST with one, unless it is said. */
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT'
  readonly headers?: Readonly<Record<string, string>>
  /** Goes out packed by gzip, and labelled so, unless it is to go `plain`. */
  readonly body?: Buffer
  readonly plain?: boolean
  readonly signal: AbortSignal
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

/** Connections to a receiver that speaks HTTP. */
export interface HttpReceiver {
  /** Whatever the receiver answers. Throws `WeirError` OUTPUT_FAILED when no whole answer arrives. */
  call(call: HttpCall): Promise<HttpAnswer>
  /** Connections that were made so far; behind a balancer each may lead to another receiver. */
  readonly connections: number
  /** One of them has ended, or the receiver said that it will. */
  readonly ended: boolean
  close(): Promise<void>
}

/** Milliseconds without an answer after which a request is given up and sent again. */
const SILENCE_MS_MAX = 30_000
/** Bytes of an answer; a larger one is no answer. */
const ANSWER_BYTES_MAX = 64_000_000
/** Milliseconds for which a single connection is kept without a call, unless the receiver says less. */
const IDLE_MS_MAX = 60_000

/**
 * Nothing is connected before the first call; files that are replaced count from the next one on. Throws
 * `WeirError` CONFIG_INVALID for PEM files that cannot be read.
 */
export function openHttp(place: HttpPlace): HttpReceiver {
  let connections = 0
  let ended = false
  let tls = tlsOptions(place)
  let dispatcher = watched()
  function watched(): Dispatcher {
    const made = dispatcherFor(place, tls)
    made.on('connect', () => {
      connections++
    })
    made.on('disconnect', () => {
      ended = true
    })
    return made
  }
  const current = (): Dispatcher => {
    const found = replacedTls(place, tls)
    if (found !== tls) {
      // What is under way ends on the connection that it has.
      void dispatcher.close()
      tls = found
      dispatcher = watched()
    }
    return dispatcher
  }
  return {
    call: async (call) => {
      const answer = await exchange(place, current(), call)
      ended ||= answer.headers['connection'] === 'close'
      return answer
    },
    get connections() {
      return connections
    },
    get ended() {
      return ended
    },
    close: () => dispatcher.destroy(),
  }
}

/** The TLS files are the receiver's in both cases: they go through the tunnel, and the proxy sees none of them. */
function dispatcherFor(place: HttpPlace, tls: TlsOptions): Dispatcher {
  const connect = { allowH2: false, timeout: place.connectMs, ...tls }
  const { proxy: uri, connectMs: connectTimeout, single = false } = place
  const alone = single ? { connections: 1, keepAliveTimeout: IDLE_MS_MAX } : {}
  return uri === undefined
    ? new Agent({ connect, maxResponseSize: ANSWER_BYTES_MAX, ...alone })
    : new ProxyAgent({ uri, connectTimeout, requestTls: connect, maxResponseSize: ANSWER_BYTES_MAX })
}

async function exchange(place: HttpPlace, dispatcher: Dispatcher, call: HttpCall): Promise<HttpAnswer> {
  try {
    const { path, signal, body, plain = false } = call
    const packed = body !== undefined && !plain
    const answer = await request(new URL(path, place.url), {
      dispatcher,
      signal,
      method: call.method ?? (body === undefined ? 'GET' : 'POST'),
      headers: { ...(packed ? { 'content-encoding': 'gzip' } : {}), ...call.headers },
      body: packed ? await promisify(gzip)(body) : (body ?? null),
      headersTimeout: SILENCE_MS_MAX,
      bodyTimeout: SILENCE_MS_MAX,
    })
    return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() }
  } catch (cause) {
    throw new WeirError('OUTPUT_FAILED', `cannot reach ${where(place)} for output ${place.name}`, { cause })
  }
}

/** Without path and query: some receivers' are secrets. */
function where({ url, proxy }: HttpPlace): string {
  const { origin } = new URL(url)
  return proxy === undefined ? origin : `${origin} through the proxy ${new URL(proxy).host}`
}

/** The JSON of an answer's body; `undefined` where it is none. */
export function jsonOf({ text }: Pick<HttpAnswer, 'text'>): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Milliseconds that an answer's `retry-after` asks for: seconds or a date. 0 when it asks for none. */
export function retryAfterMs(value: string | string[] | undefined, now: number): number {
  if (typeof value !== 'string') return 0
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000
  const at = Date.parse(value)
  return Number.isNaN(at) ? 0 : Math.max(0, at - now)
}
