import type { Dataset, Event } from '@weir/model'
import type { RuleSet } from '../rule/load.ts'
import type { Rule } from '../rule/rule.ts'
import { admits } from './admits.ts'
import { RuleSight, RuleWatch } from './blind-rule.ts'
import { Slots } from './slots.ts'

/** A rule that cannot match, as far as was seen. */
export interface BlindRule {
  readonly rule: string
  /** Fields that it requires and that no event had. */
  readonly fields: readonly string[]
  /** Events of its datasets that were looked at. */
  readonly events: number
  /** Those that met the rest of the rule. */
  readonly candidates: number
}

export interface BlindLimits {
  /** Events of a dataset that are looked at in a minute; further ones are not, so that matching stays fast. */
  readonly blindEventsPerMinuteMax: number
  /** Events of its datasets without which nothing is said of a rule. */
  readonly blindEventsMin: number
  /** Events that meet the rest of a rule, without which it is rare rather than blind. */
  readonly blindCandidatesMin: number
  /** How long its events must have been looked at before anything is said of a rule, milliseconds. */
  readonly blindMsMin: number
}

export const BLIND_LIMITS: BlindLimits = {
  blindEventsPerMinuteMax: 50,
  blindEventsMin: 1_000,
  blindCandidatesMin: 20,
  blindMsMin: 24 * 3_600_000,
}

const MINUTE_MS = 60_000

/**
 * Looks at some of the events for the fields that rules require. A rule is blind when such a field never occurs
 * although events come that meet the rest of it. Fields under `any` and `not` may be missing and are not looked for.
 */
export class Blindness {
  readonly #limits: BlindLimits
  #sights: ReadonlyMap<string, RuleSight>
  readonly #watches = new Map<Dataset, DatasetWatch>()
  #minute = Number.NaN

  constructor({ rules }: RuleSet, limits: BlindLimits = BLIND_LIMITS) {
    this.#limits = limits
    this.#sights = sightsOf(rules, (rule) => new RuleSight(rule, true))
  }

  /** Other rules; what was seen of those that detect the same still counts. */
  replace({ rules }: RuleSet): void {
    const had = this.#sights
    this.#watches.clear()
    this.#sights = sightsOf(rules, (rule) => {
      const old = had.get(rule.id)
      return old?.rule.hash === rule.hash ? old : new RuleSight(rule, false)
    })
  }

  /** `now` is the wall clock, epoch milliseconds. */
  see(events: readonly Event[], now: number): void {
    this.#turn(now)
    let last: Dataset | undefined
    let watch: DatasetWatch | undefined
    for (const event of events) {
      if (event.dataset !== last) {
        last = event.dataset
        watch = this.#watchOf(last)
      }
      if (watch!.left > 0) watch!.see(event, now)
    }
  }

  /** All fields that a rule requires occur where it matches, also in events that are not looked at. */
  matched(rule: string): void {
    this.#sights.get(rule)?.matched()
  }

  blind(now: number): readonly BlindRule[] {
    return [...this.#sights.values()]
      .filter((sight) => this.#isBlind(sight, now))
      .map(({ rule, fields, events, candidates }) => ({ rule: rule.id, fields, events, candidates }))
  }

  /** True when a rule is not blind, or not there; false as well while too little was seen to tell. */
  sees(rule: string, now: number): boolean {
    const sight = this.#sights.get(rule)
    if (sight === undefined || sight.waiting.size === 0) return true
    return this.#isJudged(sight, now) ? !this.#isBlind(sight, now) : !sight.first
  }

  #isBlind(sight: RuleSight, now: number): boolean {
    const { waiting, candidates } = sight
    return waiting.size > 0 && candidates >= this.#limits.blindCandidatesMin && this.#isJudged(sight, now)
  }

  #isJudged({ events, since }: RuleSight, now: number): boolean {
    const { blindEventsMin, blindMsMin } = this.#limits
    return since !== undefined && events >= blindEventsMin && now - since >= blindMsMin
  }

  #turn(now: number): void {
    const minute = Math.floor(now / MINUTE_MS)
    if (minute === this.#minute) return
    this.#minute = minute
    for (const watch of this.#watches.values()) watch.left = this.#limits.blindEventsPerMinuteMax
  }

  #watchOf(dataset: Dataset): DatasetWatch {
    let watch = this.#watches.get(dataset)
    if (watch === undefined) {
      watch = new DatasetWatch(dataset, [...this.#sights.values()], this.#limits.blindEventsPerMinuteMax)
      this.#watches.set(dataset, watch)
    }
    return watch
  }
}

class DatasetWatch {
  /** Events that may be looked at in this minute. */
  left: number
  readonly #slots: Slots
  /** Rules of which some field is still looked for. */
  #rules: readonly RuleWatch[]

  constructor(dataset: Dataset, sights: readonly RuleSight[], left: number) {
    const slots = new Slots(dataset)
    this.#slots = slots
    this.#rules = sights
      .filter(({ rule, waiting }) => waiting.size > 0 && admits(rule, dataset))
      .map((sight) => new RuleWatch(sight, slots))
    this.left = left
  }

  see(event: Event, now: number): void {
    this.left--
    this.#slots.begin(event)
    for (const rule of this.#rules) rule.see(now)
    if (this.#rules.some(({ sight }) => sight.waiting.size === 0))
      this.#rules = this.#rules.filter(({ sight }) => sight.waiting.size > 0)
  }
}

function sightsOf(rules: readonly Rule[], of: (rule: Rule) => RuleSight): ReadonlyMap<string, RuleSight> {
  return new Map(rules.filter((rule) => rule.conditions !== undefined).map((rule) => [rule.id, of(rule)]))
}
