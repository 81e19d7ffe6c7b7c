import type { FastifyInstance, FastifyRequest } from 'fastify'
import { bearerOf } from '../bearer.ts'
import type { EntraTokens } from './entra-tokens.ts'
import { linesOf } from './records.ts'
import { refusal } from './refusal.ts'
import type { LogsIngestionSettings } from './settings.ts'
import { type PushContext, take } from './take.ts'

const API_VERSION = '2023-01-01'
/** Both as sent and decompressed. */
const BODY_BYTES_MAX = 1024 * 1024
const OPENING = /^(?:\uFEFF)?\s*\[/

interface Route {
  readonly Params: { readonly id: string; readonly stream: string }
}

/** The Logs Ingestion API of Azure Monitor, as far as data collection rules are configured here. */
export function logsIngestion(
  app: FastifyInstance,
  context: PushContext,
  settings: LogsIngestionSettings,
  tokens: EntraTokens,
): void {
  const path = '/dataCollectionRules/:id/streams/:stream'
  app.post<Route>(path, { config: { endpoint: 'logs-ingestion' } }, async (request, reply) => {
    const { id, stream } = request.params
    await allow(tokens, request)
    checkVersion(request)
    const dataset = datasetOf(settings, id, stream)
    const known = { Type: stream.replace(/^(?:Custom|Microsoft)-/, '') }
    const limits = { bytesMax: BODY_BYTES_MAX, codings: ['gzip'] } as const
    await take(context, request, ['logs-ingestion', id, stream], limits, (body) => {
      checkList(body)
      return { ...linesOf(body, () => known), dataset }
    })
    return reply.code(204).send()
  })
}

async function allow(tokens: EntraTokens, { headers }: FastifyRequest): Promise<void> {
  const token = bearerOf(headers.authorization)
  if (token === undefined)
    throw refusal('NO_TOKEN', 'this needs a token of Entra ID; send it as "Authorization: Bearer <token>"', {
      'www-authenticate': 'Bearer',
    })
  await tokens.check(token)
}

function checkVersion({ query }: FastifyRequest): void {
  const version = (query as Readonly<Record<string, unknown>>)['api-version']
  if (version !== API_VERSION) throw refusal('BAD_REQUEST', `the only api-version taken is ${API_VERSION}`)
}

function datasetOf({ rules }: LogsIngestionSettings, id: string, stream: string): string {
  const streams = Object.hasOwn(rules, id) ? rules[id]! : undefined
  if (streams === undefined)
    throw refusal('NOT_FOUND', `the data collection rule ${id} is not configured here`)
  if (Object.hasOwn(streams, stream)) return streams[stream]!
  throw refusal('NOT_FOUND', `${id} has no stream ${stream}; it has ${Object.keys(streams).join(', ')}`)
}

/** An object alone, which the HTTP Data Collector API takes, is refused by this one. */
function checkList(body: Buffer): void {
  if (!OPENING.test(body.toString('utf8', 0, 64)))
    throw refusal('BAD_REQUEST', 'the body must be a list of JSON objects')
}
