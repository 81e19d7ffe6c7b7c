import type { AlertV1 } from '@weir/contract'
import { WeirError } from '@weir/runtime'
import { kafkaRecord, packRecord, unpackRecord } from '../../formats/kafka-record.ts'
import type { Refusal } from '../../spool/entry.ts'
import { tlsOptions } from '../../tls-files.ts'
import type { Message, Output, OutputTools } from '../output.ts'
import { partsOf } from '../parts.ts'
import { SetupRefused } from '../refused.ts'
import { createKafkaClient, type KafkaClient } from './client.ts'
import type { KafkaConfig } from './config.ts'
import { needKafka } from './load.ts'
import { saidBy, verdictOf } from './retry.ts'

/** A topic; an alert counts when all in-sync replicas have it. */
export class KafkaOutput implements Output {
  readonly name: string
  readonly inDoubt = 0
  readonly #config: KafkaConfig
  readonly #tools: OutputTools
  /** Thrown away after a failure: what it was in the middle of is sent by another, with another identity. */
  #client: KafkaClient | undefined

  constructor(config: KafkaConfig, tools: OutputTools) {
    needKafka(config.name)
    // Read anew for each connection; here only to say at once that one cannot be.
    tlsOptions(config)
    this.name = config.name
    this.#config = config
    this.#tools = tools
  }

  encode(alert: AlertV1): Buffer {
    const { keyedBy, format, messageBytesMax } = this.#config
    const bytes = packRecord(kafkaRecord(alert, keyedBy, format))
    if (bytes.length <= messageBytesMax) return bytes
    throw new WeirError(
      'OUTPUT_FAILED',
      `${bytes.length} bytes are more than messageBytesMax ${messageBytesMax}`,
    )
  }

  async send(messages: readonly Message[], signal: AbortSignal): Promise<readonly Refusal[]> {
    const refused: Refusal[] = []
    for (const part of partsOf(messages, this.#tools.limits.kafkaBytesMax))
      await this.#sendPart(part, refused, signal)
    return refused
  }

  async close(): Promise<void> {
    const client = this.#client
    this.#client = undefined
    if (client === undefined) return
    const ended = new AbortController()
    const { clock, limits } = this.#tools
    try {
      await Promise.race([client.close(), clock.sleep(limits.stopMs, ended.signal)])
    } finally {
      ended.abort()
    }
  }

  /** Sends a part; one that holds a record that the broker does not take is divided until that stands alone. */
  async #sendPart(part: readonly Message[], refused: Refusal[], signal: AbortSignal): Promise<void> {
    try {
      await this.#produce(part, signal)
    } catch (error) {
      const said = saidBy(error)
      const verdict = signal.aborted ? 'later' : verdictOf(error)
      switch (verdict) {
        case 'bad':
          return this.#refusePart(part, said, refused, signal)
        case 'setup':
          throw new SetupRefused(`output ${this.name} refuses its set-up: ${said}`)
        case 'later':
          throw new WeirError('OUTPUT_FAILED', `output ${this.name} is not ready: ${said}`)
        default:
          verdict satisfies never
      }
    }
  }

  async #refusePart(
    part: readonly Message[],
    said: string,
    refused: Refusal[],
    signal: AbortSignal,
  ): Promise<void> {
    const [only] = part
    if (part.length === 1 && only !== undefined) {
      refused.push({ entry: only.entry, reason: said })
      return
    }
    const half = Math.floor(part.length / 2)
    await this.#sendPart(part.slice(0, half), refused, signal)
    await this.#sendPart(part.slice(half), refused, signal)
  }

  async #produce(part: readonly Message[], signal: AbortSignal): Promise<void> {
    const { clock, limits } = this.#tools
    this.#client ??= await createKafkaClient(this.#config, limits.connectMs)
    try {
      const records = part.map(({ bytes }) => unpackRecord(bytes))
      await unlessAborted(this.#client.produce(records, clock.now()), signal)
    } catch (error) {
      await this.close().catch(() => undefined)
      throw error
    }
  }
}

/** The client knows no signal: what it does after one is nobody's concern. */
async function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const stopped = new AbortController()
  const aborted = new Promise<never>((_, reject) => {
    const stop = () => reject(new Error('stopped'))
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true, signal: stopped.signal })
  })
  try {
    await Promise.race([work, aborted])
  } finally {
    stopped.abort()
    work.catch(() => undefined)
  }
}
