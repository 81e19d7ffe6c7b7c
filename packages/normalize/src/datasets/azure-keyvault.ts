import type { JsonObject } from '@weir/model'
import { actionType } from '../action-type.ts'
import { claims } from '../claims.ts'
import { ENVELOPE, envelopeColumns, envelopeTime, sameCase } from '../envelope.ts'
import { constant, derived, first, mapped, number, numberOf, reach, text, textOf } from '../read.ts'
import { dataset, MINUTE_MS } from '../table.ts'

const caller = claims(['identity', 'claim'])

/** Key Vault: every call for a vault, key, secret or certificate. */
export const AZURE_KEYVAULT = dataset({
  name: 'azure.keyvault',
  latenessMs: 30 * MINUTE_MS,
  time: envelopeTime,
  columns: (record) => [
    ...envelopeColumns(record),
    sameCase(objectAt(record)),
    sameCase(uriAt(record)),
    textOf(statusAt(record)),
    textOf(record.durationMs),
  ],
  rows: {
    ...ENVELOPE,
    'event.category': constant(['database']),
    'event.type': mapped(text('operationName'), 'verb', actionType),
    'event.outcome': derived(
      'properties.httpStatusCode, else resultSignature; the first call without a token is unknown',
      outcome,
    ),
    'event.code': text('resultSignature'),
    'event.reason': text('resultDescription'),
    'event.provider': constant('microsoft.keyvault'),
    'cloud.service.name': constant('key vault'),
    'user.name': caller.name,
    'user.email': caller.name,
    'user.id': caller.id,
    'user.full_name': caller.fullName,
    'user_agent.original': text('properties.clientInfo'),
    'url.original': text('properties.requestUri'),
    'http.response.status_code': number('properties.httpStatusCode'),
    'tls.version': text('properties.tlsVersion'),
    'azure.app.id': caller.app,
    'azure.keyvault.object.id': text('properties.id'),
    'azure.keyvault.object.type': mapped(text('properties.id'), 'first segment of the path', (id) =>
      segment(id, 0),
    ),
    'azure.keyvault.object.name': mapped(text('properties.id'), 'second segment of the path', (id) =>
      segment(id, 1),
    ),
    'azure.keyvault.authentication': first(
      text(['identity', 'claim', 'amr']),
      text(['identity', 'claim', 'appidacr']),
    ),
  },
})

const objectAt = reach('properties.id')
const uriAt = reach('properties.requestUri')
const statusAt = reach('properties.httpStatusCode')
const claimAt = reach('identity.claim')

/** `resultType` says Success of refused calls, too, so the HTTP status decides. */
function outcome(record: JsonObject): string {
  const status = numberOf(statusAt(record))
  if (status === 401 && claimAt(record) === undefined) return 'unknown'
  if (status !== undefined) return status < 400 ? 'success' : 'failure'
  const signature = textOf(record.resultSignature)?.toLowerCase()
  if (signature === undefined) return 'unknown'
  return signature === 'ok' || signature === 'accepted' || signature === 'created' ? 'success' : 'failure'
}

function segment(id: string, index: number): string | undefined {
  return /^https?:\/\/[^/]+\/(.*)$/.exec(id)?.[1]?.split('/')[index] || undefined
}
