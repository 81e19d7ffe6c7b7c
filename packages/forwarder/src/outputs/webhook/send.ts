import type { AlertV1 } from '@weir/contract'
import { WeirError } from '@weir/runtime'
import { alertAs } from '../../formats/json-format.ts'
import type { Refusal } from '../../spool/entry.ts'
import { type HttpAnswer, retryAfterMs } from '../http.ts'
import type { Message, Output, OutputTools } from '../output.ts'
import { NotYet, SetupRefused } from '../refused.ts'
import { createWebhookClient, type WebhookClient } from './client.ts'
import type { WebhookConfig } from './config.ts'
import { verdictOf } from './retry.ts'

/**
 * One request an alert, one after another: each is acknowledged by itself, so that a failure repeats none that was
 * answered. A ticket system makes a second ticket of a repetition.
 */
export class WebhookOutput implements Output {
  readonly name: string
  readonly inDoubt = 0
  readonly batchEntriesMax = 1
  readonly revisions: WebhookConfig['revisions']
  readonly #config: WebhookConfig
  readonly #tools: OutputTools
  readonly #client: WebhookClient
  /** Alerts that were refused since one was taken. */
  #refusedInARow = 0

  constructor(config: WebhookConfig, tools: OutputTools) {
    this.name = config.name
    this.revisions = config.revisions
    this.#config = config
    this.#tools = tools
    this.#client = createWebhookClient(config, tools.clock, tools.limits.connectMs)
  }

  encode(alert: AlertV1): Buffer {
    const { webhookBytesMax } = this.#tools.limits
    const document = alertAs(alert, this.#config.format)
    const body = this.#config.body?.render(document, webhookBytesMax) ?? JSON.stringify(document)
    const bytes = Buffer.from(body, 'utf8')
    if (bytes.length <= webhookBytesMax) return bytes
    throw new WeirError('OUTPUT_FAILED', `the body is larger than ${webhookBytesMax} bytes`)
  }

  async send(messages: readonly Message[], signal: AbortSignal): Promise<readonly Refusal[]> {
    const refused: Refusal[] = []
    for (const message of messages) {
      const reason = await this.#post(message, signal)
      if (reason !== undefined) refused.push({ entry: message.entry, reason })
    }
    return refused
  }

  close(): Promise<void> {
    return this.#client.close()
  }

  /** Why this one alert is refused; `undefined` when it was taken. */
  async #post({ entry, bytes }: Message, signal: AbortSignal): Promise<string | undefined> {
    const answer = await this.#client.post(entry, bytes, signal)
    const verdict = verdictOf(answer.status, this.#config.takenStatus)
    switch (verdict) {
      case 'taken':
        this.#refusedInARow = 0
        return undefined
      case 'bad':
        return this.#refuse(answer)
      case 'setup':
        throw new SetupRefused(`output ${this.name} refuses its set-up: ${said(answer)}`)
      case 'later': {
        const afterMs = retryAfterMs(answer.headers['retry-after'], this.#tools.clock.now())
        throw new NotYet(`output ${this.name} is not ready: ${said(answer)}`, afterMs)
      }
      default:
        return verdict satisfies never
    }
  }

  /** When everything is refused it is the template, not the alerts: what comes then is kept rather than set aside. */
  #refuse(answer: HttpAnswer): string {
    if (this.#refusedInARow < this.#tools.limits.webhookRefusedMax) {
      this.#refusedInARow++
      return said(answer)
    }
    const doing = `output ${this.name} has refused ${this.#refusedInARow} alerts and taken none since`
    throw new SetupRefused(`${doing}; is its body right? ${said(answer)}`)
  }
}

/** Characters of an answer that are told: enough for the sentence in it. */
const SAID_CHARACTERS_MAX = 300

function said({ status, text }: HttpAnswer): string {
  const words = text
    .slice(0, SAID_CHARACTERS_MAX)
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
  const redirect = status >= 300 && status < 400 ? ', a redirect, which is not followed' : ''
  return `HTTP ${status}${redirect}${words === '' ? '' : `, ${words}`}`
}
