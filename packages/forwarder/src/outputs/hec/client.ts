import { WeirError } from '@weir/runtime'
import { z } from 'zod'
import { type HttpAnswer, jsonOf, openHttp } from '../http.ts'
import type { HecConfig } from './config.ts'
import { Cookies } from './cookies.ts'

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

/** A reply to a question for acknowledgements; `come` are those that were told, each of them only this once. */
export interface AckReply extends HecReply {
  readonly come: readonly number[]
}

/**
 * The calls of the HTTP Event Collector in one channel. Each throws `WeirError` OUTPUT_FAILED when no answer arrives, and
 * when acknowledgements of events can no longer be told from those of others.
 */
export interface HecClient {
  post(body: Buffer, signal: AbortSignal): Promise<HecReply>
  acknowledged(ids: readonly number[], signal: AbortSignal): Promise<AckReply>
  healthy(signal: AbortSignal): Promise<HecReply>
  /** The connection has ended over which its events went. */
  readonly ended: boolean
  close(): Promise<void>
}

const EVENT_PATH = '/services/collector/event'
const ACK_PATH = '/services/collector/ack'
const HEALTH_PATH = '/services/collector/health'

/** @param channel a GUID; acknowledgements are kept by channel. */
export function createHecClient(config: HecConfig, channel: string, connectMs: number): HecClient {
  const receiver = openHttp({ ...config, connectMs, single: true })
  const cookies = new Cookies()
  const call = async (path: string, signal: AbortSignal, body?: Buffer): Promise<HttpAnswer> => {
    const headers = { ...headersOf(config, channel), ...cookies.header }
    const typed =
      body === undefined ? {} : { body, headers: { ...headers, 'content-type': 'application/json' } }
    const answer = await receiver.call({ path, signal, headers, ...typed })
    cookies.take(answer)
    return answer
  }
  // Events went to two collectors, perhaps, which both number acknowledgements from 0.
  let mixed = false
  const apart = (): void => {
    if (mixed)
      throw new WeirError('OUTPUT_FAILED', `output ${config.name} lost its connection between two requests`)
  }
  return {
    post: async (body, signal) => {
      const answer = await call(EVENT_PATH, signal, body).finally(() => {
        mixed ||= config.ack && receiver.connections > 1
      })
      apart()
      return hecReplyOf(answer)
    },
    acknowledged: async (acks, signal) => {
      const body = Buffer.from(JSON.stringify({ acks }))
      const answer = await call(`${ACK_PATH}?channel=${channel}`, signal, body)
      apart()
      return { ...hecReplyOf(answer), come: comeOf(answer, acks) }
    },
    healthy: async (signal) => hecReplyOf(await call(HEALTH_PATH, signal)),
    get ended() {
      return receiver.ended
    },
    close: () => receiver.close(),
  }
}

function headersOf({ token, ack }: HecConfig, channel: string): Record<string, string> {
  return {
    authorization: `Splunk ${token.reveal()}`,
    ...(ack ? { 'x-splunk-request-channel': channel } : {}),
  }
}

function hecReplyOf(answer: HttpAnswer): HecReply {
  const { status } = answer
  const parsed = hecReply.safeParse(jsonOf(answer))
  if (!parsed.success) return { status, text: '' }
  const { text, code, ackId, 'invalid-event-number': invalidEvent } = parsed.data
  return { status, text, code, ackId, invalidEvent }
}

function comeOf(answer: HttpAnswer, asked: readonly number[]): readonly number[] {
  const parsed = ackReply.safeParse(jsonOf(answer))
  return answer.status === 200 && parsed.success ? asked.filter((id) => parsed.data.acks[id] === true) : []
}
