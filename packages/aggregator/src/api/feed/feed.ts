import { SESSION_HEADER, type SessionRequest } from '@weir/contract'
import { LANES, type Lane } from '@weir/model'
import { messageOf } from '@weir/runtime'
import type { FastifyRequest } from 'fastify'
import type { ApiContext, RegisteredForwarder } from '../context.ts'
import type { LinkBytes } from '../link-bytes.ts'
import { Refusal } from '../refusal.ts'
import { Allowance } from './allowance.ts'
import { type Agreement, agree } from './handshake.ts'
import { Histories } from './histories.ts'
import { Polls } from './polls.ts'
import { Sessions } from './sessions.ts'

/** Time between two marks that a forwarder with nothing new was heard of: each is a write. */
const HEARD_MS = 5000

/** What the feed keeps in memory: who is registered, live and waiting, and what each may be sent. */
export class Feed {
  readonly polls = new Polls()
  readonly histories = new Histories()
  readonly sessions = new Sessions()
  readonly #context: ApiContext
  readonly #registered: ReadonlyMap<string, RegisteredForwarder>
  readonly #allowances: ReadonlyMap<string, Allowance>
  /** Cursors as they were marked last, and when, by forwarder and lane. */
  readonly #spooled = new Map<string, { readonly seq: number; readonly at: number }>()
  #lastHandshake: Promise<unknown> = Promise.resolve()

  constructor(context: ApiContext, link: LinkBytes) {
    this.#context = context
    this.#registered = new Map(context.forwarders.map((each) => [each.name, each]))
    this.#allowances = new Map(
      context.forwarders.map((each) => [each.name, new Allowance(each, { ...context, link })]),
    )
  }

  /** The forwarder that calls. Throws `Refusal` WRONG_ROLE when it is not registered. */
  forwarder(request: FastifyRequest): RegisteredForwarder {
    const registered = this.#registered.get(request.caller)
    if (registered !== undefined) return registered
    const message = `no forwarder "${request.caller}" is registered; add it to the configuration`
    throw new Refusal('WRONG_ROLE', message)
  }

  /** What a registered forwarder may be sent. */
  allowance({ name }: RegisteredForwarder): Allowance {
    return this.#allowances.get(name)!
  }

  /** The same, with its live session. Throws `Refusal` NO_SESSION or SESSION_TAKEN. */
  liveForwarder(request: FastifyRequest): RegisteredForwarder {
    const forwarder = this.forwarder(request)
    const session = request.headers[SESSION_HEADER]
    this.sessions.check(forwarder.name, Array.isArray(session) ? session[0] : session)
    return forwarder
  }

  /** One handshake at a time: the first may begin a new epoch, and the next has to see it. */
  async shakeHands(request: SessionRequest): Promise<Agreement> {
    const agreed = this.#lastHandshake.then(() => agree(this.#context.store, request))
    this.#lastHandshake = agreed.catch(() => undefined)
    if ((await agreed).forked !== undefined) this.#startOver()
    return agreed
  }

  /** Makes a session the live one; whatever waits in an earlier one ends. */
  takeOver(forwarder: string, session: string): void {
    this.sessions.open(forwarder, session)
    this.polls.take(forwarder)
  }

  /**
   * Marks how far a forwarder has spooled, if that is news, and that it was heard of, if that is some time ago: on a
   * quiet link nothing else says so. A store that cannot write does not hold it up.
   */
  async spooled(forwarder: string, lane: Lane, seq: number): Promise<void> {
    const key = `${lane} ${forwarder}`
    const now = this.#context.clock.now()
    const last = this.#spooled.get(key)
    if (last?.seq === seq && Math.abs(now - last.at) < HEARD_MS) return
    if (await this.#told(forwarder, this.#context.store.mark(forwarder, { spooled: { [lane]: seq } }, now)))
      this.#spooled.set(key, { seq, at: now })
  }

  /** Throws `Refusal` FEED_AHEAD when a cursor is beyond the end of its lane. */
  async checkBehindHead(cursors: Partial<Readonly<Record<Lane, number>>>): Promise<void> {
    const heads = await this.#context.store.heads()
    for (const lane of LANES) {
      const [cursor, head] = [cursors[lane] ?? 0, heads[lane].seq]
      if (cursor > head) throw new Refusal('FEED_AHEAD', aheadOf(lane, cursor, head))
    }
  }

  /** Ends every wait. */
  stop(): void {
    this.polls.stop()
  }

  /** In a new epoch every chain is another, so everyone has to shake hands again. */
  #startOver(): void {
    this.sessions.clear()
    this.polls.endAll('replaced')
  }

  async #told(forwarder: string, mark: Promise<void>): Promise<boolean> {
    try {
      await mark
      return true
    } catch (error) {
      this.#context.report.event('warn', 'feed_mark_failed', { forwarder, error: messageOf(error) })
      return false
    }
  }
}

function aheadOf(lane: Lane, cursor: number, head: number): string {
  return `${lane}: ${cursor} is beyond the last entry ${head}; open a session anew with POST /v1/feed/session`
}
