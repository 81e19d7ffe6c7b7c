import { WeirError } from '@weir/runtime'
import { z } from 'zod'
import { type HttpAnswer, jsonOf, openHttp } from '../http.ts'
import type { HecConfig } from './config.ts'

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

const EVENT_PATH = '/services/collector/event'
const ACK_PATH = '/services/collector/ack'
const HEALTH_PATH = '/services/collector/health'

/** @param channel a GUID; acknowledgements are kept by channel. */
export function createHecClient(config: HecConfig, channel: string, connectMs: number): HecClient {
  const receiver = openHttp({ ...config, connectMs })
  const headers = headersOf(config, channel)
  const post = (path: string, body: Buffer, signal: AbortSignal) =>
    receiver.call({ path, signal, body, headers: { ...headers, 'content-type': 'application/json' } })
  return {
    post: async (body, signal) => hecReplyOf(await post(EVENT_PATH, body, signal)),
    acknowledged: async (acks, signal) => {
      const answer = await post(
        `${ACK_PATH}?channel=${channel}`,
        Buffer.from(JSON.stringify({ acks })),
        signal,
      )
      const parsed = ackReply.safeParse(jsonOf(answer))
      if (answer.status === 200 && parsed.success) return acks.filter((id) => parsed.data.acks[id] === true)
      const doing = `output ${config.name} tells no acknowledgements: HTTP ${answer.status}`
      throw new WeirError('OUTPUT_FAILED', doing)
    },
    healthy: async (signal) => hecReplyOf(await receiver.call({ path: HEALTH_PATH, signal, headers })),
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
