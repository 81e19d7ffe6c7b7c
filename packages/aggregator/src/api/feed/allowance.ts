import type { Lane } from '@weir/model'
import type { Clock } from '@weir/runtime'
import type { ApiContext, RegisteredForwarder } from '../context.ts'
import type { LinkBytes } from '../link-bytes.ts'
import { passes } from './filter.ts'
import { Pacer } from './pacer.ts'

const DAY_MS = 86_400_000
/** How often it is told anew what waits. */
const TELL_MS = 3_600_000
/** Rules that the health alert names; of the others it says how many. */
const RULES_MAX = 10
/** Entries of a lane that are looked at to say what waits; of a longer backlog its beginning is counted. */
const WAITING_ENTRIES_MAX = 20_000

type Parts = Pick<ApiContext, 'store' | 'clock' | 'status' | 'limits'> & { readonly link: LinkBytes }

/** How long a poll may wait for its turn. */
export interface Patience {
  /** Epoch milliseconds. */
  readonly until: number
  readonly signal: AbortSignal
}

/** Of today; nothing of it where no `maxBytesPerDay` is set. */
export interface Budget {
  readonly bytesMax: number
  readonly bytesLeft: number
  /** Epoch milliseconds. */
  readonly resets: number
}

/**
 * What one forwarder may be sent: so many bytes a day, which hold back the bulk lane alone, and so many bits a
 * second, of which the urgent lane has the first.
 */
export class Allowance {
  readonly pacer: Pacer | undefined
  readonly #forwarder: RegisteredForwarder
  readonly #parts: Parts
  /** When it was told last that the bulk waits; `undefined` before anything was told. */
  #told: number | 'flows' | undefined
  #heldSince: number | undefined

  constructor(forwarder: RegisteredForwarder, parts: Parts) {
    const { maxBitsPerSecond } = forwarder.link ?? {}
    this.#forwarder = forwarder
    this.#parts = parts
    this.pacer = maxBitsPerSecond === undefined ? undefined : new Pacer(maxBitsPerSecond, parts.clock)
  }

  /** Where the day's budget stands, if there is one. */
  async budget(): Promise<Budget | undefined> {
    const { maxBytesPerDay: bytesMax } = this.#forwarder.link ?? {}
    if (bytesMax === undefined) return undefined
    const bytesLeft = Math.max(0, bytesMax - (await this.#parts.link.today(this.#forwarder.name)))
    return { bytesMax, bytesLeft, resets: nextDay(this.#parts.clock) }
  }

  /**
   * Bytes of lines that the next page of a lane may have, as soon as it may begin; `undefined` when it may not within
   * the patience. A page's lines are packed, so that what is left is spent in ever smaller pages.
   */
  async room(lane: Lane, after: number, patience: Patience): Promise<number | undefined> {
    const most = Math.min(
      this.#parts.limits.pageBytesMax,
      this.pacer?.pageBytesMax(lane) ?? Number.POSITIVE_INFINITY,
    )
    if (lane === 'urgent') return most
    for (;;) {
      const budget = await this.budget()
      if (budget === undefined || budget.bytesLeft > 0) this.#flows()
      else await this.#held(after, budget)
      if (await this.mayBegin(lane)) return Math.min(most, budget?.bytesLeft ?? most)
      if (!(await this.#wait(budget, patience))) return undefined
    }
  }

  /** True when a page of the lane may go now. */
  async mayBegin(lane: Lane): Promise<boolean> {
    if (lane === 'urgent') return true
    return this.pacer?.busy !== true && (await this.budget())?.bytesLeft !== 0
  }

  /** False when the patience is at its end. */
  async #wait(budget: Budget | undefined, { until, signal }: Patience): Promise<boolean> {
    const leftMs = until - this.#parts.clock.now()
    if (leftMs <= 0 || signal.aborted) return false
    if (budget?.bytesLeft === 0)
      await this.#parts.clock.sleep(Math.min(leftMs, budget.resets - this.#parts.clock.now()), signal)
    else await this.pacer?.idle(leftMs, signal)
    return true
  }

  /** Says so once; after a restart it may stand from before. */
  #flows(): void {
    this.#heldSince = undefined
    if (this.#told === 'flows') return
    this.#told = 'flows'
    this.#parts.status.linkBudget(this.#forwarder.name, 'cleared', 'The bulk lane flows again.')
  }

  /** Says what waits, if anything does, and again after an hour. */
  async #held(after: number, budget: Budget): Promise<void> {
    const now = this.#parts.clock.now()
    this.#heldSince ??= now
    if (typeof this.#told === 'number' && now - this.#told < TELL_MS) return
    const waiting = await this.waiting('bulk', after)
    if (waiting.length === 0) return
    this.#told = now
    const detail = `${spentWords(budget, this.#heldSince)}: ${waitingWords(waiting)}; bytes before compression.`
    this.#parts.status.linkBudget(this.#forwarder.name, 'raised', detail)
  }

  /** What is to cross still, after an entry of a lane. */
  async waiting(lane: Lane, after: number): ReturnType<Parts['store']['waiting']> {
    const all = await this.#parts.store.waiting(lane, after, WAITING_ENTRIES_MAX)
    return all.filter((each) => passes(each, this.#forwarder.filter))
  }
}

type Waiting = Awaited<ReturnType<Parts['store']['waiting']>>

function spentWords({ bytesMax, resets }: Budget, since: number): string {
  const waits = `Since ${iso(since)} the bulk lane waits, until ${iso(resets)} at the latest`
  return `The ${bytesMax} bytes of the day are spent. ${waits}`
}

function waitingWords(waiting: Waiting): string {
  const byRule = new Map<string, { entries: number; bytes: number }>()
  for (const { rule, entries, bytes } of waiting) {
    const sum = byRule.get(rule) ?? { entries: 0, bytes: 0 }
    byRule.set(rule, { entries: sum.entries + entries, bytes: sum.bytes + bytes })
  }
  const rules = [...byRule].map(([rule, of]) => `${of.entries} of ${rule} (${of.bytes} bytes)`)
  const others = rules.length > RULES_MAX ? `, and of ${rules.length - RULES_MAX} more rules` : ''
  return `${rules.slice(0, RULES_MAX).join(', ')}${others}`
}

function nextDay(clock: Clock): number {
  return (Math.floor(clock.now() / DAY_MS) + 1) * DAY_MS
}

function iso(at: number): string {
  return new Date(at).toISOString()
}
