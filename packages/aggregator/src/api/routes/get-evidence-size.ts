import { evidenceSize } from '@weir/contract'
import type { Api } from '../api.ts'
import type { ApiContext } from '../context.ts'
import { READERS } from '../guard.ts'
import { standingAlert } from './get-evidence.ts'
import { alertPath, REFUSED } from './reply-schemas.ts'

/** `GET /v1/alerts/{id}/evidence/size`: what the evidence would be, so that nobody fetches a gigabyte unawares. */
export function getEvidenceSize(api: Api, { store }: ApiContext): void {
  const schema = {
    summary: 'How many members an alert has, and how large the records behind them are',
    params: alertPath,
    response: { 200: evidenceSize, ...REFUSED },
  }
  api.get('/v1/alerts/:id/evidence/size', { schema, config: { access: READERS } }, async (request) => {
    const alert = await standingAlert(store, request.params.id)
    const size = await store.evidenceSize(alert)
    const mean = size.records === 0 ? 0 : size.bytes / size.records
    return { ...size, bytesExpected: Math.round(size.bytes + size.lacking * mean) }
  })
}
