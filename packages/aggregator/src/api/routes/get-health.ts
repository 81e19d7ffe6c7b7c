import { healthReply } from '@weir/contract'
import type { Api } from '../api.ts'
import type { ApiContext } from '../context.ts'

/** `GET /v1/health`: whether all is well, for anyone who can reach us; it tells no secrets. */
export function getHealth(api: Api, { status, clock, version }: ApiContext, startedAt: number): void {
  const schema = {
    summary: 'Whether all is well, and what work is in hand',
    security: [],
    response: { 200: healthReply },
  }
  api.get('/v1/health', { schema, config: { access: 'anyone' } }, async () => {
    const raised = status.raised()
    return {
      status: raised.length === 0 ? ('ok' as const) : ('degraded' as const),
      version,
      uptimeSeconds: Math.max(0, Math.floor((clock.now() - startedAt) / 1000)),
      raised,
      pending: status.pending(),
    }
  })
}
