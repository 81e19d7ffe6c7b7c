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
import type { Pacer } from '../feed/pacer.ts'
import type { Page } from '../feed/page.ts'
import type { Poll } from '../feed/polls.ts'
import { takenBy } from '../feed/sessions.ts'
import { FORWARDERS } from '../guard.ts'
import type { LinkBytes } from '../link-bytes.ts'
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
export function readFeed(api: Api, context: ApiContext, feed: Feed, link: LinkBytes): void {
  const answers = new WeakMap<FastifyRequest, Answer>()
  const onSend = async (request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> => {
    const answer = answers.get(request)
    return answer !== undefined && isBody(payload) ? send(answer, reply, Buffer.from(payload), link) : payload
  }
  const options = { schema: SCHEMA, config: { access: FORWARDERS }, onSend }
  api.get('/v1/feed/:lane', options, async (request, reply) => {
    const forwarder = feed.liveForwarder(request)
    const ask = { lane: request.params.lane, ...request.query }
    const poll = feed.polls.open(forwarder.name, ask.lane)
    reply.raw.once('close', () => poll.end('gone'))
    try {
      const page = await pageFor(context, feed, forwarder, ask, poll)
      if (poll.ended === 'taken') throw new Refusal('SESSION_TAKEN', takenBy(forwarder.name))
      if (page === undefined || poll.ended !== undefined) return reply.code(204).send(null)
      const body = page.bytes()
      const { pacer } = feed.allowance(forwarder)
      const of = { name: forwarder.name, lane: ask.lane, bytes: body.length }
      answers.set(request, { ...of, pacer, signal: poll.signal })
      return await sendPage(feed, forwarder, ask.lane, body, request, reply)
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

/** A page on its way. */
interface Answer {
  readonly name: string
  readonly lane: Lane
  /** Before compression. */
  readonly bytes: number
  readonly pacer: Pacer | undefined
  readonly signal: AbortSignal
}

/** Counts a page as it was packed, and lets it go at its pace. */
function send(answer: Answer, reply: FastifyReply, packed: Buffer, link: LinkBytes): unknown {
  const { name, lane, bytes, pacer, signal } = answer
  link.add(name, { feedBytes: bytes, feedPackedBytes: packed.length })
  if (pacer === undefined) return packed
  reply.header('content-length', packed.length)
  return pacer.pace(lane, packed, signal)
}

function isBody(payload: unknown): payload is string | Uint8Array {
  return typeof payload === 'string' || payload instanceof Uint8Array
}

/** Reads on while what it found may not go yet: what was found then waits in the lane, and is found again. */
async function pageFor(
  { store, clock, limits }: ApiContext,
  feed: Feed,
  forwarder: RegisteredForwarder,
  { lane, after, wait }: Ask,
  { signal }: Poll,
): Promise<Page | undefined> {
  await feed.checkBehindHead({ [lane]: after })
  await feed.spooled(forwarder.name, lane, after)
  const until = clock.now() + Math.min(wait, limits.waitSecondsMax * 1000)
  const allowance = feed.allowance(forwarder)
  for (;;) {
    const bytesMax = await allowance.room(lane, after, { until, signal })
    if (bytesMax === undefined) return undefined
    const page = await nextPage(
      store,
      { lane, after, filter: forwarder.filter, bytesMax },
      { waitMs: Math.max(0, until - clock.now()), coalesceMs: limits.coalesceMs[lane], clock, signal },
    )
    if (page === undefined || (await allowance.mayBegin(lane))) return page
  }
}
