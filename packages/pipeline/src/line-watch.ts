import type { CorrelationDelta, HealthCode, HealthReport, SkipReason } from '@weir/model'

/** A sign that has not been seen again for so long is over. */
const OVER_MS = 10 * 60_000

/** How much later than by the wall clock a rule may judge: a commit, a poll and a slow partition take their time. */
const HELD_MS = 15 * 60_000

interface Sign {
  readonly code: HealthCode
  readonly subject: string
  detail: string
  seenAt: number
}

/** Watches what the line itself does to events, and says when detection suffers from it. */
export class LineWatch {
  readonly #signs = new Map<string, Sign>()

  /** Evaluations of a rule that threw. */
  threw(rule: string, count: number, now: number): void {
    this.#see('rule-errors', rule, `${count} evaluation(s) threw in one batch.`, now)
  }

  /** Hits of compiled conditions that the library took away. */
  disagreed(rule: string, count: number, now: number): void {
    this.#see('rule-disagreement', rule, `${count} hit(s) were taken away in one batch.`, now)
  }

  /** The farthest that an event of a source lay after its arrival. */
  ahead(source: string, aheadMs: number, now: number): void {
    this.#see(
      'clock-skew',
      source,
      `An event was dated ${Math.round(aheadMs / 1000)} s after it arrived.`,
      now,
    )
  }

  /** A rule judges when the watermark has passed a time, and by the wall clock it should have by `due`. */
  waits(rule: string, due: number, now: number): void {
    if (now - due < HELD_MS) return
    this.#see('judgement-held', rule, `It should have judged by ${new Date(due).toISOString()}.`, now)
  }

  /** Matches that correlations left out. */
  skipped(skipped: CorrelationDelta['skipped'], now: number): void {
    for (const { rule, reason } of skipped) {
      const sign = SKIPS[reason]
      if (sign !== undefined) this.#see(sign.code, rule, sign.detail, now)
    }
  }

  /** What holds now, and what is over, each said as long as it holds and once when it is over. */
  check(now: number): HealthReport[] {
    return [...this.#signs].map(([key, { code, subject, detail, seenAt }]) => {
      const over = now - seenAt >= OVER_MS
      if (over) this.#signs.delete(key)
      return { code, subject, state: over ? 'cleared' : 'raised', detail }
    })
  }

  #see(code: HealthCode, subject: string, detail: string, seenAt: number): void {
    this.#signs.set(`${code}\n${subject}`, { code, subject, detail, seenAt })
  }
}

/** A match that lacks a field is the rule's own business; the others mean that something may be missed. */
const SKIPS: Readonly<
  Record<SkipReason, { readonly code: HealthCode; readonly detail: string } | undefined>
> = {
  'no-group': undefined,
  'no-value': undefined,
  'behind-watermark': {
    code: 'behind-watermark',
    detail: 'Matches came later than the lateness of their dataset allows.',
  },
  'members-bound': { code: 'state-bound', detail: 'A group reached `membersPerGroupMax`.' },
  'groups-bound': {
    code: 'state-bound',
    detail: 'The rule reached `groupsPerRuleMax` or `wholeGroupsPerRuleMax`.',
  },
  'terms-bound': { code: 'state-bound', detail: 'The rule reached `termsPerRuleMax`.' },
}
