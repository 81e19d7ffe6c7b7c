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
  const call = async (method: 'GET' | 'POST', path: string, signal: AbortSignal, body?: Buffer) => {
    const headers = headersOf(config, channel, body !== undefined)
    try {
      const timeouts = { headersTimeout: SILENCE_MS_MAX, bodyTimeout: SILENCE_MS_MAX }
      const url = new URL(path, config.url)
      const answer = await request(url, {
        dispatcher,
        method,
        headers,
        body: body ?? null,
        signal,
        ...timeouts,
      })
      return { status: answer.statusCode, json: json(await answer.body.text()) }
    } catch (cause) {
      throw new WeirError('OUTPUT_FAILED', `cannot reach ${config.url} for output ${config.name}`, { cause })
    }
  }
  return {
    post: async (body, signal) => hecReplyOf(await call('POST', EVENT_PATH, signal, gzipSync(body))),
    acknowledged: async (acks, signal) => {
      const asked = gzipSync(JSON.stringify({ acks }))
      const { status, json: said } = await call('POST', `${ACK_PATH}?channel=${channel}`, signal, asked)
      const parsed = ackReply.safeParse(said)
      if (status !== 200 || !parsed.success)
        throw new WeirError(
          'OUTPUT_FAILED',
          `output ${config.name} tells no acknowledgements: HTTP ${status}`,
        )
      return acks.filter((id) => parsed.data.acks[id] === true)
    },
    healthy: async (signal) => hecReplyOf(await call('GET', HEALTH_PATH, signal)),
    close: () => dispatcher.destroy(),
  }
}

const EVENT_PATH = '/services/collector/event'
const ACK_PATH = '/services/collector/ack'
const HEALTH_PATH = '/services/collector/health'

function headersOf({ token, ack }: HecConfig, channel: string, withBody: boolean): Record<string, string> {
  return {
    authorization: `Splunk ${token.reveal()}`,
    ...(ack ? { 'x-splunk-request-channel': channel } : {}),
    ...(withBody ? { 'content-type': 'application/json', 'content-encoding': 'gzip' } : {}),
  }
}

function hecReplyOf({ status, json: said }: { status: number; json: unknown }): HecReply {
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
