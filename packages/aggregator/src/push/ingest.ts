import { DATASETS, LIMITS, unwrap } from '@weir/normalize'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { bearerOf, tokenFinder } from '../bearer.ts'
import { refusal } from './refusal.ts'
import type { IngestSettings, IngestToken } from './settings.ts'
import { type Prepared, type PushContext, take } from './take.ts'

interface Route {
  readonly Params: { readonly dataset: string }
}

/** Records of one dataset, in any way that JSON is written; the answer says how many, and how many could not be read. */
export function ingest(app: FastifyInstance, context: PushContext, settings: IngestSettings): void {
  const find = tokenFinder(settings.tokens)
  const limits = { bytesMax: settings.bodyBytesMax, codings: ['gzip', 'zstd'] } as const
  app.post<Route>('/v1/ingest/:dataset', { config: { endpoint: 'ingest' } }, async (request, reply) => {
    const { dataset } = request.params
    const token = identify(find, request)
    checkDataset(token, dataset)
    const taken = await take(context, request, ['ingest', dataset], limits, (body) =>
      read(body, dataset, settings.bodyBytesMax),
    )
    return reply.code(202).send({ records: taken.records, unreadable: taken.unreadable })
  })
}

function identify(
  find: (presented: string) => readonly IngestToken[],
  { headers }: FastifyRequest,
): IngestToken {
  const challenge = { 'www-authenticate': 'Bearer' }
  const presented = bearerOf(headers.authorization)
  if (presented === undefined)
    throw refusal('NO_TOKEN', 'this needs a token; send it as "Authorization: Bearer <token>"', challenge)
  const [found] = find(presented)
  if (found === undefined) throw refusal('NO_TOKEN', 'the token is not known here', challenge)
  return found
}

function checkDataset({ name, datasets }: IngestToken, dataset: string): void {
  if (!DATASETS.has(dataset))
    throw refusal('NOT_FOUND', `there is no dataset ${dataset}; there are ${[...DATASETS.keys()].join(', ')}`)
  if (datasets === undefined || datasets.includes(dataset)) return
  throw refusal('NOT_ALLOWED', `the token "${name}" is for ${datasets.join(', ')} only`)
}

/** A body of which nothing can be read is refused; of any other, what cannot be read goes into quarantine. */
function read(body: Buffer, dataset: string, bytesMax: number): Prepared {
  // What is gzip without saying so inflates no further than what says so.
  const { records, quarantined } = unwrap(body, undefined, { ...LIMITS, inflatedBytesMax: bytesMax })
  if (records.length > 0)
    return { pieces: [body], dataset, records: records.length, unreadable: quarantined.length }
  if (quarantined[0] !== undefined)
    throw refusal('BAD_REQUEST', `no record can be read: ${quarantined[0].reason}; nothing was kept`)
  if (body.length === 0) throw refusal('BAD_REQUEST', 'the body is empty')
  return { pieces: [], dataset, records: 0, unreadable: 0 }
}
