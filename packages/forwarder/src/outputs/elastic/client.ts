import { WeirError } from '@weir/runtime'
import { z } from 'zod'
import { type HttpAnswer, jsonOf, openHttp } from '../http.ts'
import type { ElasticConfig } from './config.ts'

const itemReply = z.object({
  status: z.number(),
  error: z.object({ type: z.string().optional(), reason: z.string().nullish() }).optional(),
})

const bulkReply = z.object({ items: z.array(z.record(z.string(), itemReply)) })

/** How one line of a request fared. */
export type ItemReply = z.output<typeof itemReply>

/** The calls of Elasticsearch and OpenSearch that we use. Each throws `WeirError` OUTPUT_FAILED when no answer arrives. */
export interface ElasticClient {
  bulk(body: Buffer, signal: AbortSignal): Promise<HttpAnswer>
  get(path: string, signal: AbortSignal): Promise<HttpAnswer>
  /** What the receiver would lay down for an index of that name; it lays down nothing. */
  simulate(target: string, signal: AbortSignal): Promise<HttpAnswer>
  close(): Promise<void>
}

/** Nothing but what we read of the answer, which would otherwise name every document. */
const FILTER = 'items.*.status,items.*.error.type,items.*.error.reason'

export function createElasticClient(config: ElasticConfig, connectMs: number): ElasticClient {
  const receiver = openHttp({ ...config, url: asFolder(config.url), connectMs })
  const headers = { accept: 'application/json', ...authorization(config) }
  const path = bulkPath(config)
  return {
    bulk: (body, signal) =>
      receiver.call({ path, signal, body, headers: { ...headers, 'content-type': 'application/x-ndjson' } }),
    get: (what, signal) => receiver.call({ path: what, signal, headers }),
    simulate: (target, signal) => {
      const simulation = `_index_template/_simulate_index/${encodeURIComponent(target)}`
      return receiver.call({ path: simulation, method: 'POST', signal, headers })
    },
    close: () => receiver.close(),
  }
}

/** The index or data stream. */
export function targetOf({ index, dataStream }: ElasticConfig): string {
  return (index ?? dataStream)!
}

/** One reply for each line, in their order. Throws `WeirError` OUTPUT_FAILED when the answer does not say so much. */
export function itemsOf(answer: HttpAnswer, sent: number, name: string): readonly ItemReply[] {
  const parsed = bulkReply.safeParse(jsonOf(answer))
  const items = parsed.success ? parsed.data.items.flatMap((item) => Object.values(item)) : []
  if (items.length === sent) return items
  const doing = `output ${name} told of ${items.length} documents, where ${sent} were sent`
  throw new WeirError('OUTPUT_FAILED', doing)
}

/** A folder, so that a path that the receiver stands under stays. */
function asFolder(url: string): string {
  return url.endsWith('/') ? url : `${url}/`
}

function bulkPath(config: ElasticConfig): string {
  const query = new URLSearchParams({ filter_path: FILTER })
  if (config.pipeline !== undefined) query.set('pipeline', config.pipeline)
  if (config.requireAlias) query.set('require_alias', 'true')
  return `${encodeURIComponent(targetOf(config))}/_bulk?${query}`
}

function authorization({ apiKey, user, password }: ElasticConfig): Record<string, string> {
  if (apiKey !== undefined) return { authorization: `ApiKey ${encodedKey(apiKey.reveal())}` }
  if (user === undefined || password === undefined) return {}
  return { authorization: `Basic ${base64(`${user}:${password.reveal()}`)}` }
}

/** As the receiver shows it when it makes one (`encoded`), or the id and the key with a colon between. */
function encodedKey(key: string): string {
  return key.includes(':') ? base64(key) : key
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64')
}
