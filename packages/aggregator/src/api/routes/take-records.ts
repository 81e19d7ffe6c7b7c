import { createHash } from 'node:crypto'
import { recordsReply, recordsRequest } from '@weir/contract'
import { DATASETS } from '@weir/normalize'
import { WeirError } from '@weir/runtime'
import type { Api } from '../api.ts'
import type { ApiContext } from '../context.ts'
import { ADMINS } from '../guard.ts'
import { Refusal } from '../refusal.ts'
import { REFUSED } from './reply-schemas.ts'

/** Bytes of one request, base64 included; a larger one is refused unread. */
const BODY_BYTES_MAX = 32_000_000

/**
 * `POST /v1/records`: records that were missed, from somebody who found them elsewhere. The answer comes when all are on
 * disk; the same request again within an hour changes nothing.
 */
export function takeRecords(api: Api, { take }: ApiContext): void {
  const schema = {
    summary: 'Records that were missed; answered once they are on disk',
    body: recordsRequest,
    response: { 200: recordsReply, ...REFUSED },
  }
  const options = { schema, config: { access: ADMINS }, bodyLimit: BODY_BYTES_MAX }
  api.post('/v1/records', options, async (request) => {
    const { records } = request.body
    const pushes = [...Map.groupBy(records, ({ dataset }) => dataset)].map(([dataset, some]) => {
      if (!DATASETS.has(dataset)) throw new Refusal('BAD_REQUEST', `there is no dataset ${dataset}`)
      const bytes = Buffer.concat(some.flatMap((each) => [Buffer.from(each.bytes, 'base64'), NEWLINE]))
      return { dataset, bytes, key: createHash('sha256').update(dataset).update(bytes).digest('base64url') }
    })
    await Promise.all(pushes.map(take)).catch(refuseStopped)
    return { records: records.length }
  })
}

/** A commit failed, or the end is near: nobody knows whether what was sent is on disk. */
function refuseStopped(error: unknown): never {
  if (!(error instanceof WeirError) || error.code !== 'SOURCE_UNREACHABLE') throw error
  const message = 'the line does not run at the moment; send the same again, which counts once'
  throw new Refusal('NOT_RUNNING', message, { 'retry-after': '5' })
}

const NEWLINE = Buffer.from('\n')
