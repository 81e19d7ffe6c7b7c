import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { WeirError } from '@weir/runtime'
import { Agent, request } from 'undici'
import { type TlsFiles, tlsOptions } from '../tls-files.ts'

export interface HttpPlace extends TlsFiles {
  /** The output's, for messages. */
  readonly name: string
  /** Paths of calls are resolved against it. */
  readonly url: string
  readonly connectMs: number
}

interface HttpCall {
  readonly path: string
  /** GET without a body, POST with one, unless it is said. */
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT'
  readonly headers?: Readonly<Record<string, string>>
  /** Goes out packed by gzip, and labelled so. */
  readonly body?: Buffer
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
  close(): Promise<void>
}

/** Milliseconds without an answer after which a request is given up and sent again. */
const SILENCE_MS_MAX = 30_000
/** Bytes of an answer; a larger one is no answer. */
const ANSWER_BYTES_MAX = 64_000_000

/** Nothing is connected before the first call. Throws `WeirError` CONFIG_INVALID for PEM files that cannot be read. */
export function openHttp(place: HttpPlace): HttpReceiver {
  const dispatcher = new Agent({
    connect: { allowH2: false, timeout: place.connectMs, ...tlsOptions(place) },
    maxResponseSize: ANSWER_BYTES_MAX,
  })
  return {
    call: (call) => exchange(place, dispatcher, call),
    close: () => dispatcher.destroy(),
  }
}

async function exchange({ name, url }: HttpPlace, dispatcher: Agent, call: HttpCall): Promise<HttpAnswer> {
  try {
    const { path, signal, body } = call
    const answer = await request(new URL(path, url), {
      dispatcher,
      signal,
      method: call.method ?? (body === undefined ? 'GET' : 'POST'),
      headers: { ...(body === undefined ? {} : { 'content-encoding': 'gzip' }), ...call.headers },
      body: body === undefined ? null : await promisify(gzip)(body),
      headersTimeout: SILENCE_MS_MAX,
      bodyTimeout: SILENCE_MS_MAX,
    })
    return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() }
  } catch (cause) {
    throw new WeirError('OUTPUT_FAILED', `cannot reach ${url} for output ${name}`, { cause })
  }
}

/** The JSON of an answer's body; `undefined` where it is none. */
export function jsonOf({ text }: Pick<HttpAnswer, 'text'>): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
