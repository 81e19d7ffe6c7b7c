import { type CallerReply, callerReply } from '@weir/contract'
import type { Api } from '../api.ts'
import { EVERYBODY } from '../guard.ts'
import type { Identified } from '../identify.ts'
import { REFUSED } from './reply-schemas.ts'

/** `GET /v1/me`: who the caller is. */
export function getMe(api: Api): void {
  const schema = {
    summary: 'Who the caller is, by token or certificate, and when that ends',
    response: { 200: callerReply, ...REFUSED },
  }
  api.get('/v1/me', { schema, config: { access: EVERYBODY } }, async (request) =>
    replyOf(request.identified!),
  )
}

function replyOf({ credential, peer }: Identified): CallerReply {
  const { name, role, hash, certificate, endsAt = Number.POSITIVE_INFINITY } = credential
  const both = hash !== undefined && certificate !== undefined
  const shown = certificate === undefined ? Number.POSITIVE_INFINITY : peer!.endsAt
  const end = Math.min(endsAt, shown)
  return {
    name,
    role,
    by: both ? 'token and certificate' : hash === undefined ? 'certificate' : 'token',
    ...(Number.isFinite(end) ? { ends: new Date(end).toISOString() } : {}),
  }
}
