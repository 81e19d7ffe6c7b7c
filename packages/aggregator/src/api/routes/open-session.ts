import { sessionReply, sessionRequest } from '@weir/contract'
import type { Api } from '../api.ts'
import type { ApiContext } from '../context.ts'
import type { Feed } from '../feed/feed.ts'
import { FORWARDERS } from '../guard.ts'
import { REFUSED } from './reply-schemas.ts'

/** `POST /v1/feed/session`: a forwarder begins and is told from where to ask; an earlier session ends. */
export function openSession(api: Api, context: ApiContext, feed: Feed): void {
  const { store, clock, random, status } = context
  const schema = {
    summary: 'Begin to fetch the feed; takes over from an earlier session',
    body: sessionRequest,
    response: { 200: sessionReply, ...REFUSED },
  }
  api.post('/v1/feed/session', { schema, config: { access: FORWARDERS } }, async (request) => {
    const { name } = feed.forwarder(request)
    const { forked, ...agreed } = await feed.shakeHands(request.body)
    if (request.body.broken !== undefined) status.brokenTold?.(name, request.body.broken)
    if (forked !== undefined) status.forked(name, forked)
    const session = random()
    await store.openSession(name, session, request.body.outputs, clock.now())
    feed.takeOver(name, session)
    return { session, ...agreed }
  })
}
