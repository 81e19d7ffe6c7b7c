import type { FeedStore, HealthNotice, HealthReport, NoticeStore } from '@weir/model'
import { backoffMs, type Clock, messageOf, type Report, WeirError } from '@weir/runtime'
import { Bell } from '../bell.ts'
import { bodyOf } from './body.ts'
import type { NotifierConfig } from './config.ts'
import { type Answer, post } from './post.ts'

export interface NotifyPorts {
  readonly store: NoticeStore & Pick<FeedStore, 'onAppend'>
  readonly clock: Clock
  readonly report: Report
  readonly random: () => number
  readonly health: (report: HealthReport) => void
  /** Health conditions raised now. */
  readonly raised: () => readonly { readonly code: string; readonly subject: string }[]
}

/** Health alerts read at once; the others follow. */
const NOTICES_MAX = 50
/** Every commit that brings a health alert rings; this is for what nobody rang for. */
const LOOK_MS = 60_000
const RETRY: Parameters<typeof backoffMs>[0] = { firstMs: 1000, maxMs: 300_000 }
/** A receiver may ask for a longer wait; it is asked again after this. */
const RETRY_AFTER_MS_MAX = 3_600_000
/** A webhook that has failed for so long is a health alert: that one goes by the link. */
const FAILING_MS_MAX = 60_000

/**
 * Until the signal aborts: tells each webhook of health alerts that are committed, straight from here, whatever
 * becomes of link and forwarder. What one has not answered for is sent again, also after a restart.
 */
export async function notify(
  configs: readonly NotifierConfig[],
  ports: NotifyPorts,
  signal: AbortSignal,
): Promise<void> {
  const names = configs.map(({ name }) => name)
  await ports.store.beginNotices(names)
  for (const { code, subject } of ports.raised())
    if (code === 'notify-failed' && !names.includes(subject))
      ports.health({ code, subject, state: 'cleared', detail: 'It is not configured any more.' })
  await Promise.all(configs.map((config) => new Notifier(config, ports).run(signal)))
}

/** One webhook. */
class Notifier {
  readonly #config: NotifierConfig
  readonly #ports: NotifyPorts
  #attempts = 0
  #failingSince: number | undefined
  /** Answered for, though the store may not know it yet: a full disk makes no second message. */
  #posted = ''

  constructor(config: NotifierConfig, ports: NotifyPorts) {
    this.#config = config
    this.#ports = ports
  }

  async run(signal: AbortSignal): Promise<void> {
    const { store, clock } = this.#ports
    const bell = new Bell(clock)
    const silence = store.onAppend((lane) => {
      if (lane === 'urgent') bell.ring()
    })
    try {
      while (!signal.aborted) if (!(await this.#tellAll(signal))) await bell.heard(LOOK_MS, signal)
    } finally {
      silence()
    }
  }

  /** False when nothing is left to tell; true when there may be more, after the wait that a failure asks for. */
  async #tellAll(signal: AbortSignal): Promise<boolean> {
    const { store, clock } = this.#ports
    try {
      const notices = await store.notices(this.#config.name, NOTICES_MAX)
      for (const notice of notices) {
        if (signal.aborted) return false
        await this.#tell(notice, signal)
        await store.noticed(this.#config.name, notice)
      }
      this.#attempts = 0
      return notices.length > 0
    } catch (error) {
      if (!signal.aborted) await clock.sleep(this.#failed(error), signal)
      return true
    }
  }

  async #tell(notice: HealthNotice, signal: AbortSignal): Promise<void> {
    const { clock, report } = this.#ports
    const { id, revision } = notice.alert.weir.alert
    const key = `${id}-${revision}`
    if (!this.#isChosen(notice) || key === this.#posted) return
    const refusal = await this.#post(notice, key, signal)
    this.#posted = key
    const { name } = this.#config
    if (refusal === undefined) this.#well()
    else {
      report.event('error', 'notice_refused', { notifier: name, alert: id, reason: refusal }, ['notifier'])
      this.#say('raised', `It refused one for good: ${refusal}`)
    }
    report.count('notices_posted', { notifier: name }, 1)
    await clock.sleep(this.#config.minInterval, signal)
  }

  /** Why the receiver will never take this one; `undefined` when it has. Throws what is to be tried again. */
  async #post(notice: HealthNotice, key: string, signal: AbortSignal): Promise<string | undefined> {
    const { clock } = this.#ports
    let body: string
    try {
      body = bodyOf(notice, this.#config)
    } catch (error) {
      return messageOf(error)
    }
    const answer = await post(this.#config, key, body, clock, signal)
    if (answer.status >= 200 && answer.status < 300) return undefined
    if (BAD.has(answer.status)) return said(answer)
    throw new Later(said(answer), retryAfterMs(answer, clock.now()))
  }

  #isChosen({ alert: { weir } }: HealthNotice): boolean {
    const { name, codes, severities } = this.#config
    const { group, severity } = weir.alert
    // That it failed is nothing to tell by itself.
    if (group['code'] === 'notify-failed' && group['subject'] === name) return false
    if (severities !== undefined && !severities.includes(severity)) return false
    return codes.some((code) => code === '*' || code === group['code'])
  }

  #well(): void {
    this.#failingSince = undefined
    this.#attempts = 0
    this.#say('cleared', 'It takes notices again.')
  }

  /** How long to wait, milliseconds. */
  #failed(error: unknown): number {
    const { clock, report, random } = this.#ports
    const [now, reason] = [clock.now(), messageOf(error)]
    this.#failingSince ??= now
    this.#attempts++
    const { name } = this.#config
    report.event('warn', 'notify_failed', { notifier: name, reason, attempt: this.#attempts }, ['notifier'])
    if (now - this.#failingSince >= FAILING_MS_MAX) this.#say('raised', reason)
    const asked = error instanceof Later ? Math.min(error.afterMs, RETRY_AFTER_MS_MAX) : 0
    return Math.max(asked, backoffMs(RETRY, this.#attempts, random()))
  }

  #say(state: HealthReport['state'], detail: string): void {
    this.#ports.health({ code: 'notify-failed', subject: this.#config.name, state, detail })
  }
}

/** This notice, as it is written, is nothing that the receiver takes; the next one may be. */
const BAD = new Set([400, 413, 422])

/** The receiver does not take it now. */
class Later extends WeirError {
  readonly afterMs: number

  constructor(reason: string, afterMs: number) {
    super('OUTPUT_FAILED', reason)
    this.afterMs = afterMs
  }
}

/** Characters of an answer that are told. */
const SAID_CHARACTERS_MAX = 300

function said({ status, text }: Answer): string {
  const words = text.slice(0, SAID_CHARACTERS_MAX).replaceAll(/[\s\p{Cc}]+/gu, ' ')
  return `HTTP ${status} ${words}`.trim()
}

function retryAfterMs({ retryAfter = '' }: Answer, now: number): number {
  if (/^\d{1,9}$/.test(retryAfter)) return Number(retryAfter) * 1000
  const at = Date.parse(retryAfter)
  return Number.isNaN(at) ? 0 : Math.max(0, at - now)
}
