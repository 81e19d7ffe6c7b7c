import { EventHubProducerClient } from '@azure/event-hubs'
import { ENQUEUED_AT_PROPERTY } from '../eventhubs/index.ts'

/**
 * Sends to one partition, one message at a time. After a failure it asks the partition how far it is before it
 * sends again, so that a message whose answer was lost is not there twice. It must be the partition's only sender.
 */
export class HubLane {
  readonly #connectionString: string
  readonly #hub: string
  readonly #partition: string
  #client: EventHubProducerClient | undefined
  /** Sequence number of the last message known to be in the partition. */
  #last: number | undefined

  constructor(connectionString: string, hub: string, partition: string) {
    this.#connectionString = connectionString
    this.#hub = hub
    this.#partition = partition
  }

  /** One attempt; call it again with the same message when it rejects. */
  async send(body: Buffer, at: number, again: boolean): Promise<void> {
    try {
      await this.#attempt(body, at, again)
    } catch (error) {
      await this.close()
      throw error
    }
  }

  async close(): Promise<void> {
    const client = this.#client
    this.#client = undefined
    // Closing a connection that is already gone is no failure.
    await client?.close().catch(() => undefined)
  }

  async #attempt(body: Buffer, at: number, again: boolean): Promise<void> {
    // The library's own retries would send twice when an answer is lost.
    this.#client ??= new EventHubProducerClient(this.#connectionString, this.#hub, {
      retryOptions: { maxRetries: 0, timeoutInMs: ATTEMPT_MS_MAX },
    })
    const before = this.#last
    if (before === undefined || again) this.#last = await this.#sequence(this.#client)
    if (again && before !== undefined && this.#last! > before) return
    const batch = await this.#client.createBatch({ partitionId: this.#partition })
    if (!batch.tryAdd({ body, properties: { [ENQUEUED_AT_PROPERTY]: at } })) {
      throw new Error(`message of ${body.length} bytes does not fit`)
    }
    await this.#client.sendBatch(batch)
    this.#last!++
  }

  async #sequence(client: EventHubProducerClient): Promise<number> {
    const { lastEnqueuedSequenceNumber } = await client.getPartitionProperties(this.#partition)
    return lastEnqueuedSequenceNumber
  }
}

/** An attempt that takes longer has failed; the library notices a lost connection no sooner. */
const ATTEMPT_MS_MAX = 3_000
