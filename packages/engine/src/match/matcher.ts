import type { Dataset, Event } from '@weir/model'
import type { RuleSet } from '../rule/load.ts'
import type { Rule } from '../rule/rule.ts'
import { admits } from './admits.ts'
import { RuleErrors } from './errors.ts'
import { LibraryRule } from './library.ts'
import { Program } from './program.ts'

/** A rule whose conditions an event meets. */
export interface Hit {
  readonly rule: Rule
  readonly event: Event
}

export interface Matcher {
  /** Hits in the order of the events, and of the rules in the set for one event. */
  match(events: readonly Event[]): Promise<readonly Hit[]>
  /** Evaluations that threw, by rule id, since the last call; each was no match. */
  takeErrors(): ReadonlyMap<string, number>
}

/**
 * Compiled and indexed: what the compiler does not cover is run by the library, for candidates only. An
 * evaluation that the index spares cannot be counted as an error.
 */
export function createMatcher(rules: RuleSet, datasets: ReadonlyMap<string, Dataset>): Matcher {
  return new IndexedMatcher(rules, datasets)
}

/** Plain: every rule of an event's dataset through the library, one engine per rule, with undefined facts allowed. */
export function createReferenceMatcher(rules: RuleSet, _datasets: ReadonlyMap<string, Dataset>): Matcher {
  return new ReferenceMatcher(rules)
}

/** A candidate that has to be asked of the library, and where its hit would stand. */
interface Pending {
  readonly at: number
  readonly order: number
  readonly event: Event
}

interface PlacedHit extends Hit {
  readonly at: number
  readonly order: number
}

class IndexedMatcher implements Matcher {
  readonly #rules: readonly Rule[]
  readonly #library = new Map<number, LibraryRule>()
  readonly #programs = new Map<Dataset, Program>()
  readonly #errors = new RuleErrors()

  constructor(set: RuleSet, datasets: ReadonlyMap<string, Dataset>) {
    this.#rules = set.rules
    for (const dataset of datasets.values()) this.#programOf(dataset)
  }

  async match(events: readonly Event[]): Promise<readonly Hit[]> {
    const hits: PlacedHit[] = []
    const pending: Pending[] = []
    for (let at = 0; at < events.length; at++) {
      const event = events[at]!
      const found = this.#programOf(event.dataset).run(event)
      for (const order of found.hits) hits.push({ rule: this.#rules[order]!, event, at, order })
      for (const order of found.library) pending.push({ at, order, event })
    }
    if (pending.length === 0) return hits
    await this.#ask(pending, hits)
    return hits.sort((a, b) => a.at - b.at || a.order - b.order)
  }

  takeErrors(): ReadonlyMap<string, number> {
    return this.#errors.take()
  }

  async #ask(pending: readonly Pending[], hits: PlacedHit[]): Promise<void> {
    for (const { at, order, event } of pending) {
      const rule = this.#rules[order]!
      if (await this.#libraryOf(order).matches(event, this.#errors)) hits.push({ rule, event, at, order })
    }
  }

  #libraryOf(order: number): LibraryRule {
    let rule = this.#library.get(order)
    if (rule === undefined) {
      rule = new LibraryRule(this.#rules[order]!)
      this.#library.set(order, rule)
    }
    return rule
  }

  #programOf(dataset: Dataset): Program {
    let program = this.#programs.get(dataset)
    if (program === undefined) {
      program = new Program(this.#rules, dataset, this.#errors)
      this.#programs.set(dataset, program)
    }
    return program
  }
}

class ReferenceMatcher implements Matcher {
  readonly #rules: readonly LibraryRule[]
  readonly #errors = new RuleErrors()

  constructor(set: RuleSet) {
    this.#rules = set.rules
      .filter((rule) => rule.conditions !== undefined)
      .map((rule) => new LibraryRule(rule))
  }

  async match(events: readonly Event[]): Promise<readonly Hit[]> {
    const hits: Hit[] = []
    for (const event of events) {
      for (const each of this.#rules) {
        if (!admits(each.rule, event.dataset)) continue
        if (await each.matches(event, this.#errors)) hits.push({ rule: each.rule, event })
      }
    }
    return hits
  }

  takeErrors(): ReadonlyMap<string, number> {
    return this.#errors.take()
  }
}
