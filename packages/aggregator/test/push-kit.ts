import { once } from 'node:events'
import { type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { JsonObject, RawBatch, RawMessage } from '@weir/model'
import { unwrap } from '@weir/normalize'
import { type Clock, createReport, parseConfig, type Report, systemClock } from '@weir/runtime'
import type { PushSource } from '../src/push/source.ts'
import { PUSH } from '../src/sources/push.ts'

export const TOKEN = 'a-token-for-tests-alone'
export const INGEST = { ingest: { tokens: [{ name: 'test', token: { env: 'TOKEN' } }] } }

/** A push source that listens, and what stands for the line behind it: it commits at once unless it is told to hold. */
export class PushKit {
  readonly source: PushSource
  readonly report: Report
  readonly batches: RawBatch[] = []
  readonly cursors: Map<string, string>
  /** They were named. */
  partitions = false
  readonly #log: string[] = []
  readonly #commits: (() => void)[] = []
  readonly #watchers = new Set<() => void>()
  #holding = false
  #life = new AbortController()
  #ended: Promise<void> = Promise.resolve()

  constructor(
    config: object,
    env: Readonly<Record<string, string>> = {},
    clock: Clock = systemClock,
    cursors: ReadonlyMap<string, string> = new Map(),
  ) {
    const whole = { type: 'push', name: 'push', port: 0, ...config }
    const log = this.#log
    const stream = new Writable({
      write: (chunk, _, done) => {
        log.push(String(chunk))
        done()
      },
    })
    this.report = createReport('debug', stream)
    this.cursors = new Map(cursors)
    const parsed = parseConfig('test.json', whole, PUSH.schema, { TOKEN, ...env })
    this.source = PUSH.open(parsed, { clock, report: this.report, random: () => 0 }) as PushSource
  }

  static async open(...args: ConstructorParameters<typeof PushKit>): Promise<PushKit> {
    const kit = new PushKit(...args)
    await kit.startLine()
    return kit
  }

  get url(): string {
    return this.source.url!
  }

  get log(): string {
    return this.#log.join('')
  }

  /** Rejects when the source does. */
  async startLine(): Promise<void> {
    this.#life = new AbortController()
    const started = Promise.withResolvers<void>()
    this.#ended = this.source.run({
      cursors: new Map(this.cursors),
      signal: this.#life.signal,
      deliver: async (signal) => {
        this.partitions ||= signal.kind === 'partitions'
        // Partitions are named first, whether it can listen or not.
        if (signal.kind !== 'partitions') started.resolve()
        if (signal.kind === 'batch') this.#take(signal)
      },
    })
    await Promise.race([started.promise, this.#ended])
  }

  /** As the line does after a commit that failed: what was not committed is forgotten. */
  async stopLine(): Promise<void> {
    this.#life.abort()
    await this.#ended
    this.#commits.length = 0
  }

  hold(): void {
    this.#holding = true
  }

  release(): void {
    this.#holding = false
    for (const commit of this.#commits.splice(0)) commit()
  }

  /** Resolves once so many batches were delivered. */
  async delivered(count: number): Promise<void> {
    while (this.batches.length < count) await new Promise<void>((resolve) => this.#watchers.add(resolve))
  }

  async close(): Promise<void> {
    await this.stopLine()
    await this.source.close?.()
  }

  get messages(): RawMessage[] {
    return this.batches.flatMap(({ messages }) => messages)
  }

  get records(): readonly JsonObject[] {
    return this.messages.flatMap(({ bytes }) => unwrap(bytes).records)
  }

  async metrics(): Promise<string> {
    return await this.report.registry.metrics()
  }

  #take(batch: RawBatch): void {
    this.batches.push(batch)
    const commit = (): void => {
      for (const { key, value } of batch.cursors) {
        if (value === '') this.cursors.delete(key)
        else this.cursors.set(key, value)
      }
      batch.committed?.()
    }
    if (this.#holding) this.#commits.push(commit)
    else commit()
    for (const watcher of this.#watchers) watcher()
    this.#watchers.clear()
  }
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** A request with the headers spelled as given and no other but those that HTTP needs. */
export async function send(
  url: string,
  headers: OutgoingHttpHeaders,
  body: string | Buffer,
  method = 'POST',
): Promise<Answer> {
  const sent = request(url, { method, headers, agent: false })
  sent.end(body)
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  return { status: answer.statusCode!, headers: answer.headers, body: await text(answer) }
}

/** To the endpoint of our own, with the token that `INGEST` knows. */
export function ingest(
  kit: PushKit,
  body: string | Buffer,
  dataset = 'generic',
  headers: OutgoingHttpHeaders = {},
): Promise<Answer> {
  const usual = { authorization: `Bearer ${TOKEN}`, 'content-length': Buffer.byteLength(body) }
  return send(`${kit.url}/v1/ingest/${dataset}`, { ...usual, ...headers }, body)
}
