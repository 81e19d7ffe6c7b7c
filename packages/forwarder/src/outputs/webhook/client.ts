import type { Clock } from '@weir/runtime'
import type { Entry } from '../../spool/entry.ts'
import { type HttpAnswer, type HttpPlace, openHttp } from '../http.ts'
import type { WebhookConfig } from './config.ts'
import { signatureOf } from './sign.ts'

/** The calls of a webhook. Each throws `WeirError` OUTPUT_FAILED when no answer arrives. */
export interface WebhookClient {
  post(entry: Pick<Entry, 'id' | 'revision'>, body: Buffer, signal: AbortSignal): Promise<HttpAnswer>
  /** Asks without sending anything; what is answered is the receiver's affair. */
  look(signal: AbortSignal): Promise<HttpAnswer>
  close(): Promise<void>
}

export function createWebhookClient(config: WebhookConfig, clock: Clock, connectMs: number): WebhookClient {
  const receiver = openHttp(placeOf(config, connectMs))
  const plain = config.compression === 'none'
  const given = Object.fromEntries(
    Object.entries(config.headers).map(([name, value]) => [
      name.toLowerCase(),
      typeof value === 'string' ? value : value.reveal(),
    ]),
  )
  return {
    post: ({ id, revision }, body, signal) => {
      const headers = {
        'content-type': 'application/json',
        'user-agent': 'weir',
        [config.idempotencyHeader]: `${id}-${revision}`,
        ...signed(config, body, clock.now()),
        ...given,
      }
      return receiver.call({ path: '', method: config.method, headers, body, plain, signal })
    },
    look: (signal) => receiver.call({ path: '', method: 'HEAD', headers: given, signal }),
    close: () => receiver.close(),
  }
}

function placeOf(config: WebhookConfig, connectMs: number): HttpPlace {
  const { name, url, proxy, ca, cert, key, servername } = config
  return { name, url: url.reveal(), proxy: proxy?.reveal(), ca, cert, key, servername, connectMs }
}

function signed({ sign }: WebhookConfig, body: Buffer, now: number): Record<string, string> {
  return sign === undefined ? {} : { [sign.header]: signatureOf(body, sign.secret.reveal(), now) }
}
