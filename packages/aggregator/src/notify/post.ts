import { readFileSync } from 'node:fs'
import { Agent as HttpAgent, type IncomingMessage, request as overHttp } from 'node:http'
import { Agent as HttpsAgent, request as overHttps } from 'node:https'
import { type Clock, type Secret, WeirError } from '@weir/runtime'
import type { NotifierConfig } from './config.ts'

export interface Answer {
  readonly status: number
  readonly retryAfter: string | undefined
  /** The beginning of what it says. */
  readonly text: string
}

/** Time for one request, connecting included; a receiver that takes longer is asked again later. */
const ANSWER_MS_MAX = 30_000
/** Bytes of an answer that are read; the rest is cut off with the connection. */
const ANSWER_BYTES_MAX = 2_000

/**
 * One request over a connection of its own, so that PEM files and secrets count as they are now. Redirects are not
 * followed. Throws `WeirError` OUTPUT_FAILED when no answer arrives.
 */
export async function post(
  config: NotifierConfig,
  key: string,
  body: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<Answer> {
  const over = new AbortController()
  const ended = AbortSignal.any([signal, over.signal])
  void clock.sleep(ANSWER_MS_MAX, ended).then(() => over.abort(new Error('no answer in time')))
  try {
    return await answerTo(config, key, Buffer.from(body, 'utf8'), ended)
  } catch (cause) {
    const why = over.signal.aborted ? over.signal.reason : cause
    throw new WeirError('OUTPUT_FAILED', `cannot reach ${whereOf(config)}`, { cause: why })
  } finally {
    over.abort()
  }
}

function answerTo(config: NotifierConfig, key: string, body: Buffer, signal: AbortSignal): Promise<Answer> {
  const { url, method } = config
  const headers = { ...ownHeaders(key, body), ...mapValues(config.headers, textOf) }
  const to = url.reveal()
  const options = { method, headers, signal }
  return new Promise((resolve, reject) => {
    const answered = (response: IncomingMessage): void => void read(response).then(resolve, reject)
    const sent = to.startsWith('https:')
      ? overHttps(
          to,
          { ...options, agent: new HttpsAgent({ ...tlsOf(config), ...proxyOf(config) }) },
          answered,
        )
      : overHttp(to, { ...options, agent: new HttpAgent(proxyOf(config)) }, answered)
    sent.on('error', reject)
    sent.end(body)
  })
}

function ownHeaders(key: string, body: Buffer): Record<string, string> {
  return {
    'content-type': 'application/json',
    'content-length': String(body.length),
    'user-agent': 'weir',
    'idempotency-key': key,
  }
}

function tlsOf({ ca }: NotifierConfig): { ca?: Buffer } {
  return ca === undefined ? {} : { ca: readFileSync(ca) }
}

function proxyOf({ proxy }: NotifierConfig): ConstructorParameters<typeof HttpAgent>[0] {
  const by = proxy?.reveal()
  return by === undefined ? {} : { proxyEnv: { HTTP_PROXY: by, HTTPS_PROXY: by } }
}

async function read(response: IncomingMessage): Promise<Answer> {
  let text = ''
  for await (const part of response) {
    text += String(part)
    if (text.length > ANSWER_BYTES_MAX) break
  }
  const { statusCode: status = 0, headers } = response
  return { status, retryAfter: headers['retry-after'], text: text.slice(0, ANSWER_BYTES_MAX) }
}

/** Without path and query: some receivers' are secrets. */
function whereOf({ url, proxy }: NotifierConfig): string {
  const { origin } = new URL(url.reveal())
  return proxy === undefined ? origin : `${origin} through the proxy ${new URL(proxy.reveal()).host}`
}

function textOf(value: string | Secret): string {
  return typeof value === 'string' ? value : value.reveal()
}

function mapValues<T, R>(object: Readonly<Record<string, T>>, map: (value: T) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key.toLowerCase(), map(value)]))
}
