import { type AlertV1, alertsQuery, alertsReply } from '@weir/contract'
import type { AlertFilter } from '@weir/model'
import type { z } from 'zod'
import type { Api } from '../api.ts'
import type { ApiContext } from '../context.ts'
import { READERS } from '../guard.ts'
import { REFUSED } from './reply-schemas.ts'

/** Strict, so that a filter with a slip of the pen is refused, not left out. */
const query = alertsQuery.strict()

/** `GET /v1/alerts`: alerts, newest change first, in pages. */
export function listAlerts(api: Api, { store }: ApiContext): void {
  const schema = {
    summary: 'Alerts, newest change first',
    querystring: query,
    response: { 200: alertsReply, ...REFUSED },
  }
  api.get('/v1/alerts', { schema, config: { access: READERS } }, async (request) => {
    const { limit, after } = request.query
    const page = await store.alerts(filterOf(request.query), limit, after)
    return { ...page, items: page.items as AlertV1[] }
  })
}

function filterOf({ from, to, severity, rule, kind, status, entity }: z.output<typeof query>): AlertFilter {
  return {
    ...(from === undefined ? {} : { from: Date.parse(from) }),
    ...(to === undefined ? {} : { to: Date.parse(to) }),
    ...(severity === undefined ? {} : { severity }),
    ...(rule === undefined ? {} : { rule }),
    ...(kind === undefined ? {} : { kind }),
    ...(status === undefined ? {} : { status }),
    ...(entity === undefined ? {} : { entity }),
  }
}
