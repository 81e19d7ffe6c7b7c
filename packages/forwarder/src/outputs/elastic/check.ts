import { z } from 'zod'
import { LIMITS } from '../../limits.ts'
import { type HttpAnswer, jsonOf } from '../http.ts'
import { createElasticClient, type ElasticClient, targetOf } from './client.ts'
import type { ElasticConfig } from './config.ts'

/**
 * Says which product and version answers and whether the target is what the configuration takes it for; writes
 * nothing. What our credentials may not ask is said, and is no mistake: writing needs less.
 */
export async function checkElastic(config: ElasticConfig): Promise<string> {
  const client = createElasticClient(config, LIMITS.connectMs)
  try {
    const signal = AbortSignal.timeout(LIMITS.connectMs)
    const product = productOf(config, await client.get('', signal))
    return `${config.url} is ${product}; ${await lookAtTarget(config, client, signal)}`
  } finally {
    await client.close()
  }
}

const greeting = z.object({
  version: z.object({ number: z.string(), distribution: z.string().optional() }),
})

function productOf({ url }: ElasticConfig, answer: HttpAnswer): string {
  if (answer.status === 403) return 'there, and does not tell us its version'
  const parsed = greeting.safeParse(jsonOf(answer))
  if (answer.status !== 200) throw new Error(`${url} does not know us: HTTP ${answer.status}`)
  if (!parsed.success) throw new Error(`${url} is neither Elasticsearch nor OpenSearch`)
  const { number, distribution } = parsed.data.version
  return `${distribution === 'opensearch' ? 'OpenSearch' : 'Elasticsearch'} ${number}`
}

const named = z.object({ name: z.string() })

const resolved = z.object({
  indices: z.array(named),
  aliases: z.array(named),
  data_streams: z.array(named),
})

async function lookAtTarget(config: ElasticConfig, client: ElasticClient, signal: AbortSignal) {
  const target = targetOf(config)
  const answer = await client.get(`_resolve/index/${encodeURIComponent(target)}`, signal)
  const parsed = resolved.safeParse(answer.status === 404 ? NOTHING_YET : jsonOf(answer))
  if (!parsed.success) return `we may not look at ${target} (HTTP ${answer.status})`
  const has = (list: readonly { readonly name: string }[]) => list.some(({ name }) => name === target)
  const { indices, aliases, data_streams: streams } = parsed.data
  if (has(streams)) return expectKind(config, 'data stream')
  if (has(aliases)) return expectKind(config, 'alias')
  if (has(indices)) return expectKind(config, 'index')
  return lookAtTemplate(config, client, signal)
}

const NOTHING_YET = { indices: [], aliases: [], data_streams: [] }

/** Throws when the target is there as something else. */
function expectKind(config: ElasticConfig, found: 'data stream' | 'alias' | 'index'): string {
  const target = targetOf(config)
  const key = found === 'data stream' ? 'dataStream' : 'index'
  if (config[key] === undefined) throw new Error(`${target} is there as ${found}: name it by "${key}"`)
  return `${target} is there as ${found}`
}

const simulated = z.object({
  template: z.object({
    mappings: z.object({
      properties: z.object({
        weir: z.object({
          properties: z.object({
            alert: z.object({ properties: z.object({ id: z.object({ type: z.literal('keyword') }) }) }),
          }),
        }),
      }),
    }),
  }),
})

/** Throws when the target would be laid down without our template: fields would get whatever type comes first. */
async function lookAtTemplate(config: ElasticConfig, client: ElasticClient, signal: AbortSignal) {
  const target = targetOf(config)
  const answer = await client.simulate(target, signal)
  if (answer.status !== 200)
    return `${target} is not there yet, and we may not look at templates (HTTP ${answer.status})`
  if (!simulated.safeParse(jsonOf(answer)).success)
    throw new Error(
      `${target} is not there, and no index template for it: install the one of docs/outputs/elastic.md`,
    )
  return `${target} is not there yet, and an index template is`
}
