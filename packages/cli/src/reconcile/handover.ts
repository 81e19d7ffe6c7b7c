import type { Client } from '@weir/contract'
import type { Seen } from './side.ts'

/** Bytes of records in one request, before base64. */
const REQUEST_BYTES_MAX = 4_000_000
/** Records in one request; the API takes no more. */
const REQUEST_RECORDS_MAX = 1_000

/** Hands records to the running aggregator, a request at a time; each is answered when they are on its disk. */
export class Handover {
  readonly #client: Client
  #waiting: { dataset: string; bytes: string }[] = []
  #bytes = 0
  #last: Seen['event'] | undefined
  #sending: Promise<void> = Promise.resolve()
  /** Records that are on the aggregator's disk. */
  sent = 0

  constructor(client: Client) {
    this.#client = client
  }

  /** Resolves when there is room for more. Of the events of one record the record goes once. */
  async add({ event, recordBytes }: Seen): Promise<void> {
    const { origin, index, dataset } = event
    if (this.#last?.origin === origin && this.#last.index === index) return
    this.#last = event
    const bytes = Buffer.from(recordBytes())
    this.#waiting.push({ dataset: dataset.name, bytes: bytes.toString('base64') })
    this.#bytes += bytes.length
    if (this.#bytes >= REQUEST_BYTES_MAX || this.#waiting.length >= REQUEST_RECORDS_MAX) await this.flush()
  }

  async flush(): Promise<void> {
    const records = this.#waiting
    this.#waiting = []
    this.#bytes = 0
    if (records.length > 0)
      this.#sending = this.#sending.then(async () => {
        this.sent += (await this.#client.records({ records })).records
      })
    await this.#sending
  }
}
