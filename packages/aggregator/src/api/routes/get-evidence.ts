import { Readable } from 'node:stream'
import { evidenceLine } from '@weir/contract'
import type { Api } from '../api.ts'
import type { ApiContext } from '../context.ts'
import { evidenceLines } from '../evidence-lines.ts'
import { READERS } from '../guard.ts'
import { alertOf } from './get-alert.ts'
import { alertPath, NDJSON, ndjson, REFUSED } from './reply-schemas.ts'

/** `GET /v1/alerts/{id}/evidence`: every member of an alert, with its record where it can be had. */
export function getEvidence(api: Api, { store, status }: ApiContext): void {
  const schema = {
    summary: 'The records behind an alert, one member a line',
    params: alertPath,
    response: { 200: ndjson(evidenceLine, 'Kept records first, then the other members'), ...REFUSED },
  }
  api.get('/v1/alerts/:id/evidence', { schema, config: { access: READERS } }, async (request, reply) => {
    const alert = await alertOf(store, request.params.id)
    const lines = Readable.from(texts(evidenceLines(store, alert, status.refetch)), { objectMode: false })
    return reply.type(NDJSON).send(lines)
  })
}

async function* texts(lines: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const line of lines) yield `${JSON.stringify(line)}\n`
}
