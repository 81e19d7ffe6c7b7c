import { marksRequest, SESSION_HEADER } from '@weir/contract'
import type { ForwarderMarks, Lane, OwnLinkCount } from '@weir/model'
import { z } from 'zod'
import type { Api } from '../api.ts'
import type { ApiContext } from '../context.ts'
import { dayOf } from '../day-counts.ts'
import type { Feed } from '../feed/feed.ts'
import { FORWARDERS } from '../guard.ts'
import { REFUSED } from './reply-schemas.ts'

const DAY_MS = 86_400_000

const SCHEMA = {
  summary: 'How far a forwarder has spooled and delivered, and how its outputs are',
  headers: z.object({ [SESSION_HEADER]: z.string().optional() }),
  body: marksRequest,
  response: { 204: z.null().describe('Taken'), ...REFUSED },
}

type Marks = z.output<typeof marksRequest>

/** `POST /v1/feed/marks`: a forwarder's progress, its count of link bytes, and outputs that are stuck. */
export function putMarks(api: Api, context: ApiContext, feed: Feed): void {
  const { store, clock, status } = context
  api.post('/v1/feed/marks', { schema: SCHEMA, config: { access: FORWARDERS } }, async (request, reply) => {
    const { name } = feed.liveForwarder(request)
    const marks = request.body
    for (const cursors of cursorsOf(marks)) await feed.checkBehindHead(cursors)
    await store.mark(name, storedOf(marks), clock.now())
    // A clock gone wrong must not leave days behind that never grow old.
    const tomorrow = dayOf(clock.now() + DAY_MS)
    const days = (marks.linkDays ?? []).filter(({ day }) => day <= tomorrow)
    if (days.length > 0) await store.markOwnLink(name, days.map(turned))
    if (marks.credentials !== undefined) status.credentialsTold?.(name, marks.credentials)
    status.outputsStuck(name, marks.stuck ?? [])
    status.spoolTold?.(name, marks.spool)
    status.brokenTold?.(name, marks.broken)
    status.diskTold?.(name, marks.disk)
    return reply.code(204).send(null)
  })
}

/** What it sent is received here. */
function turned({ day, sent, received }: NonNullable<Marks['linkDays']>[number]): OwnLinkCount {
  return { day, sent: received, received: sent }
}

function cursorsOf({ spooled = {}, delivered = {} }: Marks): Cursors[] {
  return [spooled, ...Object.values(delivered)].map(present)
}

function storedOf({ spooled, delivered }: Marks): ForwarderMarks {
  return {
    ...(spooled === undefined ? {} : { spooled: present(spooled) }),
    ...(delivered === undefined ? {} : { delivered: mapValues(delivered, present) }),
  }
}

type Cursors = Partial<Record<Lane, number>>

/** Only the lanes that were given. */
function present({ urgent, bulk }: { urgent?: number | undefined; bulk?: number | undefined }): Cursors {
  return { ...(urgent === undefined ? {} : { urgent }), ...(bulk === undefined ? {} : { bulk }) }
}

function mapValues<T, R>(object: Readonly<Record<string, T>>, map: (value: T) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]))
}
