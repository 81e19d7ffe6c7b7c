import { feedLine, HISTORY_CODING, HISTORY_HEADER, lane, SESSION_HEADER } from '@weir/contract'
import type { Lane } from '@weir/model'
import { duration } from '@weir/runtime'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Api } from '../api.ts'
import { packAgainst } from '../compress.ts'
import type { ApiContext, RegisteredForwarder } from '../context.ts'
import type { Feed } from '../feed/feed.ts'
import { nextPage } from '../feed/next-page.ts'
import type { Page } from '../feed/page.ts'
import type { Poll } from '../feed/polls.ts'
import { takenBy } from '../feed/sessions.ts'
import { FORWARDERS } from '../guard.ts'
import { Refusal } from '../refusal.ts'
import { NDJSON, ndjson, REFUSED } from './reply-schemas.ts'

const SCHEMA = {
  summary: 'The entries of a lane after a cursor, waiting for the first one',
  params: z.object({ lane }),
  querystring: z.strictObject({
    after: z.coerce.number().int().nonnegative().describe('The last entry that is durably spooled'),
    wait: duration.default(0).describe('How long to wait for news, such as 30s; `waitSecondsMax` at most'),
  }),
  headers: z.object({ [SESSION_HEADER]: z.string().optional(), [HISTORY_HEADER]: z.string().optional() }),
  response: {
    200: ndjson(feedLine, 'Stored lines, skips, and the end line, in the order of the lane'),
    204: z.null().describe('Nothing came within the wait'),
    ...REFUSED,
  },
}

/** `GET /v1/feed/{lane}`: a long poll for the next page; its cursor says what is durably spooled. */
export function readFeed(api: Api, context: ApiContext, feed: Feed): void {
  api.get('/v1/feed/:lane', { schema: SCHEMA, config: { access: FORWARDERS } }, async (request, reply) => {
    const forwarder = feed.liveForwarder(request)
    const ask = { lane: request.params.lane, ...request.query }
    const poll = feed.polls.open(forwarder.name, ask.lane)
    reply.raw.once('close', () => poll.end('gone'))
    try {
      const page = await pageFor(context, feed, forwarder, ask, poll)
      if (poll.ended === 'taken') throw new Refusal('SESSION_TAKEN', takenBy(forwarder.name))
      if (page === undefined || poll.ended !== undefined) return reply.code(204).send(null)
      return await sendPage(feed, forwarder, ask.lane, page.bytes(), request, reply)
    } finally {
      feed.polls.close(forwarder.name, ask.lane, poll)
    }
  })
}

/** A page goes out packed against those before it, where its reader remembers them. */
async function sendPage(
  { histories }: Feed,
  { name }: RegisteredForwarder,
  lane: Lane,
  page: Buffer,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const remembered = request.headers[HISTORY_HEADER]
  const history = histories.named(name, lane, Array.isArray(remembered) ? remembered[0] : remembered)
  histories.served(name, lane, page, history)
  reply.type(NDJSON)
  if (history === undefined) return reply.send(page)
  return reply.header('content-encoding', HISTORY_CODING).send(await packAgainst(history.bytes, page))
}

interface Ask {
  readonly lane: Lane
  readonly after: number
  /** Milliseconds. */
  readonly wait: number
}

async function pageFor(
  { store, clock, limits }: ApiContext,
  feed: Feed,
  forwarder: RegisteredForwarder,
  { lane, after, wait }: Ask,
  poll: Poll,
): Promise<Page | undefined> {
  await feed.checkBehindHead({ [lane]: after })
  await feed.spooled(forwarder.name, lane, after)
  const request = { lane, after, filter: forwarder.filter, bytesMax: limits.pageBytesMax }
  const waitMs = Math.min(wait, limits.waitSecondsMax * 1000)
  return nextPage(store, request, {
    waitMs,
    coalesceMs: limits.coalesceMs[lane],
    clock,
    signal: poll.signal,
  })
}
