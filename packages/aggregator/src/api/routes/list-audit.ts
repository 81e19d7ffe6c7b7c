import { auditQuery, auditReply } from '@weir/contract'
import type { Api } from '../api.ts'
import type { ApiContext } from '../context.ts'
import { ADMINS } from '../guard.ts'
import { REFUSED } from './reply-schemas.ts'

const query = auditQuery.strict()

/** `GET /v1/audit`: who asked for evidence of what, newest first, in pages. */
export function listAudit(api: Api, { store }: ApiContext): void {
  const schema = {
    summary: 'Requests for evidence: who, of which alert, what went out, newest first',
    querystring: query,
    response: { 200: auditReply, ...REFUSED },
  }
  api.get('/v1/audit', { schema, config: { access: ADMINS } }, async (request) => {
    const { limit, after } = request.query
    const { items, next } = await store.audits(limit, after)
    const told = items.map(({ at, ended, ...rest }) => ({
      ...rest,
      at: isoOf(at),
      ...(ended === undefined ? {} : { ended: isoOf(ended) }),
    }))
    return { items: told, ...(next === undefined ? {} : { next }) }
  })
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString()
}
