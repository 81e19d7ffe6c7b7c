import { gzipSync } from 'node:zlib'
import { messageOf, WeirError } from '@weir/runtime'
import { Agent, request } from 'undici'
import { z } from 'zod'
import type { HecConfig } from '../config.ts'
import { tlsOptions } from '../tls-files.ts'

const hecReply = z.object({
  text: z.string().default(''),
  code: z.number().optional(),
  ackId: z.number().optional(),
  'invalid-event-number': z.number().optional(),
})

const ackReply = z.object({ acks: z.record(z.string(), z.boolean()) })

export interface HecReply {
  readonly status: number
  readonly text: string
  readonly code?: number | undefined
  readonly ackId?: number | undefined
  readonly invalidEvent?: number | undefined
}

/** The calls of the HTTP Event Collector. Each throws `WeirError` OUTPUT_FAILED when no answer arrives. */
export interface HecClient {
  post(body: Buffer, signal: AbortSignal): Promise<HecReply>
  /** Those of the given acknowledgements that have come. The collector tells each only once. */
  acknowledged(ids: readonly number[], signal: AbortSignal): Promise<number[]>
  healthy(signal: AbortSignal): Promise<HecReply>
  close(): Promise<void>
}

/** Milliseconds without an answer after which a request is given up and sent again. */
const SILENCE_MS_MAX = 30_000

/** @param channel a GUID; acknowledgements are kept by channel. */
export function createHecClient(config: HecConfig, channel: string, connectMs: number): HecClient {
  const dispatcher = new Agent({ connect: { allowH2: false, timeout: connectMs, ...tlsOptions(config) } })
  const call = (path: string, signal: AbortSignal, body?: string | Buffer) =>
    exchange({ config, channel, dispatcher, path, signal, body })
  return {
    post: async (body, signal) => hecReplyOf(await call(EVENT_PATH, signal, body)),
    acknowledged: async (acks, signal) => {
      const { status, said } = await call(`${ACK_PATH}?channel=${channel}`, signal, JSON.stringify({ acks }))
      const parsed = ackReply.safeParse(said)
      if (status === 200 && parsed.success) return acks.filter((id) => parsed.data.acks[id] === true)
      const doing = `output ${config.name} tells no acknowledgements: HTTP ${status}`
      throw new WeirError('OUTPUT_FAILED', doing)
    },
    healthy: async (signal) => hecReplyOf(await call(HEALTH_PATH, signal)),
    close: () => dispatcher.destroy(),
  }
}

const EVENT_PATH = '/services/collector/event'
const ACK_PATH = '/services/collector/ack'
const HEALTH_PATH = '/services/collector/health'

interface Exchange {
  readonly config: HecConfig
  readonly channel: string
  readonly dispatcher: Agent
  readonly path: string
  readonly signal: AbortSignal
  readonly body: string | Buffer | undefined
}

interface Answer {
  readonly status: number
  readonly said: unknown
}

async function exchange({ config, channel, dispatcher, path, signal, body }: Exchange): Promise<Answer> {
  try {
    const answer = await request(new URL(path, config.url), {
      dispatcher,
      signal,
      method: body === undefined ? 'GET' : 'POST',
      headers: headersOf(config, channel, body !== undefined),
      body: body === undefined ? null : gzipSync(body),
      headersTimeout: SILENCE_MS_MAX,
      bodyTimeout: SILENCE_MS_MAX,
    })
    return { status: answer.statusCode, said: json(await answer.body.text()) }
  } catch (cause) {
    const doing = `cannot reach ${config.url} for output ${config.name}`
    throw new WeirError('OUTPUT_FAILED', doing, { cause })
  }
}

function headersOf({ token, ack }: HecConfig, channel: string, withBody: boolean): Record<string, string> {
  return {
    authorization: `Splunk ${token.reveal()}`,
    ...(ack ? { 'x-splunk-request-channel': channel } : {}),
    ...(withBody ? { 'content-type': 'application/json', 'content-encoding': 'gzip' } : {}),
  }
}

function hecReplyOf({ status, said }: Answer): HecReply {
  const parsed = hecReply.safeParse(said)
  if (!parsed.success) return { status, text: '' }
  const { text, code, ackId, 'invalid-event-number': invalidEvent } = parsed.data
  return { status, text, code, ackId, invalidEvent }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    return messageOf(error)
  }
}
