import { type AlertV1, alertV1 } from '@weir/contract'
import type { Alert, AlertStore } from '@weir/model'
import type { Api } from '../api.ts'
import type { ApiContext } from '../context.ts'
import { READERS } from '../guard.ts'
import { Refusal } from '../refusal.ts'
import { alertPath, REFUSED } from './reply-schemas.ts'

/** `GET /v1/alerts/{id}`: the last revision of one alert. */
export function getAlert(api: Api, { store }: ApiContext): void {
  const schema = {
    summary: 'The last revision of one alert',
    params: alertPath,
    response: { 200: alertV1, ...REFUSED },
  }
  api.get('/v1/alerts/:id', { schema, config: { access: READERS } }, async (request) => {
    return (await alertOf(store, request.params.id)) as AlertV1
  })
}

/** Throws `Refusal` NOT_FOUND. */
export async function alertOf(store: AlertStore, id: string): Promise<Alert> {
  const alert = await store.alert(id)
  if (alert !== undefined) return alert
  throw new Refusal('NOT_FOUND', `there is no alert "${id}"; it may be older than \`alertDaysMax\``)
}
