import { rulesReply } from '@weir/contract'
import type { Api } from '../api.ts'
import type { ApiContext } from '../context.ts'
import { READERS } from '../guard.ts'
import { REFUSED } from './reply-schemas.ts'

/** `GET /v1/rules`: the rules in force, and why files that changed are not. */
export function listRules(api: Api, { status }: ApiContext): void {
  const schema = { summary: 'The rules in force', response: { 200: rulesReply, ...REFUSED } }
  api.get('/v1/rules', { schema, config: { access: READERS } }, async () => status.rules())
}
