import type { Dataset, Event } from '@weir/model'
import type { RuleSet } from '../rule/load.ts'
import type { Rule } from '../rule/rule.ts'
import { admits } from './admits.ts'
import { Confirmation, type ConfirmBounds } from './confirm.ts'
import { RuleErrors } from './errors.ts'
import { LibraryRule } from './library.ts'
import { type Found, Program } from './program.ts'

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
  /** Hits of compiled conditions that the library took away, by rule id, since the last call. */
  takeDisagreements(): ReadonlyMap<string, number>
}

export interface MatcherOptions {
  /** Holds some of the hits against the library, whose word counts; without it, none. */
  readonly confirm?: ConfirmBounds
  /** In place of the program that is compiled for a dataset. */
  readonly programOf?: (rules: readonly Rule[], dataset: Dataset, errors: RuleErrors) => MatchProgram
}

/** Finds by place which rules an event meets. */
export interface MatchProgram {
  run(event: Event): Found
}

/**
 * Compiled and indexed: what the compiler does not cover is run by the library, for candidates only. An
 * evaluation that the index spares cannot be counted as an error.
 */
export function createMatcher(
  rules: RuleSet,
  datasets: ReadonlyMap<string, Dataset>,
  options: MatcherOptions = {},
): Matcher {
  return new IndexedMatcher(rules, datasets, options)
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
  /** Compiled conditions say that it is a hit. */
  readonly compiled: boolean
}

interface PlacedHit extends Hit {
  readonly at: number
  readonly order: number
}

class IndexedMatcher implements Matcher {
  readonly #rules: readonly Rule[]
  readonly #library = new Map<number, LibraryRule>()
  readonly #programs = new Map<Dataset, MatchProgram>()
  readonly #errors = new RuleErrors()
  readonly #confirmation: Confirmation | undefined
  readonly #create: NonNullable<MatcherOptions['programOf']>

  constructor(set: RuleSet, datasets: ReadonlyMap<string, Dataset>, { confirm, programOf }: MatcherOptions) {
    this.#rules = set.rules
    this.#confirmation = confirm && new Confirmation(confirm, set.rules.length)
    this.#create = programOf ?? ((...of) => new Program(...of))
    for (const dataset of datasets.values()) this.#programOf(dataset)
  }

  async match(events: readonly Event[]): Promise<readonly Hit[]> {
    const hits: PlacedHit[] = []
    const pending: Pending[] = []
    this.#confirmation?.saw(events.length)
    for (let at = 0; at < events.length; at++) {
      const event = events[at]!
      const found = this.#programOf(event.dataset).run(event)
      for (const order of found.hits) {
        if (this.#confirmation?.wants(order)) pending.push({ at, order, event, compiled: true })
        else hits.push({ rule: this.#rules[order]!, event, at, order })
      }
      for (const order of found.library) pending.push({ at, order, event, compiled: false })
    }
    if (pending.length === 0) return hits
    await this.#ask(pending, hits)
    return hits.sort((a, b) => a.at - b.at || a.order - b.order)
  }

  takeErrors(): ReadonlyMap<string, number> {
    return this.#errors.take()
  }

  takeDisagreements(): ReadonlyMap<string, number> {
    const counts = this.#confirmation?.take() ?? []
    return new Map([...counts].map(([order, count]) => [this.#rules[order]!.id, count]))
  }

  async #ask(pending: readonly Pending[], hits: PlacedHit[]): Promise<void> {
    for (const { at, order, event, compiled } of pending) {
      const rule = this.#rules[order]!
      if (await this.#libraryOf(order).matches(event, this.#errors)) hits.push({ rule, event, at, order })
      else if (compiled) this.#confirmation?.disagreed(order)
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

  #programOf(dataset: Dataset): MatchProgram {
    let program = this.#programs.get(dataset)
    if (program === undefined) {
      program = this.#create(this.#rules, dataset, this.#errors)
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

  /** Nothing is compiled here. */
  takeDisagreements(): ReadonlyMap<string, number> {
    return new Map()
  }
}
