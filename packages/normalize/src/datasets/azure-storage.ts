import type { JsonObject } from '@weir/model'
import { actionType } from '../action-type.ts'
import { ENVELOPE, envelopeColumns, envelopeTime, sameCase } from '../envelope.ts'
import { constant, derived, first, folded, mapped, number, numberOf, reach, text, textOf } from '../read.ts'
import { dataset, HOUR_MS } from '../table.ts'

/** Storage accounts: reads, writes and deletes of blobs, files, queues and tables. */
export const AZURE_STORAGE = dataset({
  name: 'azure.storage',
  latenessMs: 24 * HOUR_MS,
  time: envelopeTime,
  columns: (record) => [
    ...envelopeColumns(record),
    textOf(record.statusCode),
    sameCase(record.uri),
    textOf(countAt(record)),
    textOf(keyAt(record)),
  ],
  rows: {
    ...ENVELOPE,
    'event.category': constant(['file']),
    'event.type': mapped(text('operationName'), 'verb', actionType),
    'event.outcome': derived('statusCode, else statusText', outcome),
    'event.code': text('statusText'),
    'event.reason': first(text('resultDescription'), text('statusText')),
    'event.provider': constant('microsoft.storage'),
    'cloud.service.name': folded(text('properties.serviceType')),
    'user.name': folded(text('identity.requester.upn')),
    'user.email': folded(text('identity.requester.upn')),
    'user.id': text('identity.requester.objectId'),
    'source.bytes': number('properties.requestBodySize'),
    'destination.bytes': number('properties.responseBodySize'),
    'http.response.status_code': number('statusCode'),
    'user_agent.original': text('properties.userAgentHeader'),
    'url.original': mapped(text('uri'), 'text without its signature', withoutSignature),
    'http.request.referrer': text('properties.referrerHeader'),
    'network.protocol': folded(text('protocol')),
    'tls.version': text('properties.tlsVersion'),
    'file.path': text('properties.objectKey'),
    'file.name': mapped(
      text('properties.objectKey'),
      'last segment',
      (key) => key.split('/').at(-1) || undefined,
    ),
    'azure.app.id': text('identity.requester.appId'),
    'azure.storage.account': folded(text('properties.accountName')),
    'azure.storage.authentication': folded(text('identity.type')),
    'azure.storage.token_hash': text('identity.tokenHash'),
    'azure.storage.requester_tenant_id': text('identity.requester.tenantId'),
    'azure.storage.status_text': folded(text('statusText')),
    'azure.storage.operation_count': number('properties.operationCount'),
  },
})

const countAt = reach('properties.operationCount')
const keyAt = reach('properties.objectKey')

function outcome(record: JsonObject): string {
  const status = numberOf(record.statusCode)
  if (status !== undefined) return status < 400 ? 'success' : 'failure'
  const words = textOf(record.statusText)
  return words === undefined ? 'unknown' : /success$/i.test(words) ? 'success' : 'failure'
}

/** A shared access signature is a key: it goes no further than the record. */
function withoutSignature(uri: string): string {
  return uri.replace(/([?&]sig=)[^&]*/gi, '$1redacted')
}
