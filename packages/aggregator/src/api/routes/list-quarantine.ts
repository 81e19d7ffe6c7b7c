import { type QuarantineReply, quarantineQuery, quarantineReply } from '@weir/contract'
import type { AlertStore, Quarantined } from '@weir/model'
import type { Api } from '../api.ts'
import type { ApiContext } from '../context.ts'
import { READERS } from '../guard.ts'
import { REFUSED } from './reply-schemas.ts'

/** Strict, so that a query with a slip of the pen is refused, not left out. */
const query = quarantineQuery.strict()

/** Bytes of records in a page, before base64; the record that reaches it is the page's last. */
const PAGE_BYTES_MAX = 16 * 1024 * 1024

/** `GET /v1/quarantine`: records that could not be read, newest first, in pages. */
export function listQuarantine(api: Api, { store }: ApiContext): void {
  const schema = {
    summary: 'Records that could not be read: position, reason and bytes, newest first',
    querystring: query,
    response: { 200: quarantineReply, ...REFUSED },
  }
  api.get('/v1/quarantine', { schema, config: { access: READERS } }, async (request) => {
    const { limit, after } = request.query
    return pageOf(store, limit, after)
  })
}

/** One at a time, since a single record may be as large as the page. */
async function pageOf(store: AlertStore, limit: number, after: string | undefined): Promise<QuarantineReply> {
  const items: QuarantineReply['items'] = []
  let bytes = 0
  let next = after
  do {
    const one = await store.quarantine(1, next)
    for (const each of one.items) {
      items.push(itemOf(each))
      bytes += each.bytes.byteLength
    }
    next = one.next
  } while (next !== undefined && items.length < limit && bytes < PAGE_BYTES_MAX)
  return { items, ...(next === undefined ? {} : { next }) }
}

function itemOf({ position, reason, bytes }: Quarantined): QuarantineReply['items'][number] {
  return { position, reason, bytes: Buffer.from(bytes).toString('base64') }
}
