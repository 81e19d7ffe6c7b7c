import type { Api } from '../api.ts'
import { READERS } from '../guard.ts'

/** `GET /openapi.json`: this API, from the schemas that check its requests. */
export function getOpenapi(api: Api): void {
  const schema = { summary: 'This document' }
  api.get('/openapi.json', { schema, config: { access: READERS } }, async () => api.swagger())
}
