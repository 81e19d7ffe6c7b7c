import type { Dataset, Event } from '@weir/model'
import type { RuleSet } from '../rule/load.ts'
import type { Rule } from '../rule/rule.ts'
import { admits } from './admits.ts'
import { Confirmation, type ConfirmBounds } from './confirm.ts'
import { RuleErrors } from './errors.ts'
import { LibraryRule } from './library.ts'
import { type Found, type Outcome, Program } from './program.ts'

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

/** Finds by place which rules events meet. */
export interface MatchProgram {
  /** Adds to `found` the rules that events of one dataset meet; `places` are the events' among all. */
  run(events: readonly Event[], places: readonly number[], found: Found): void
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

/** A candidate that has to be asked of the library. */
interface Pending extends Outcome {
  /** Compiled conditions say that it is a hit. */
  readonly compiled: boolean
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
    const found: Found = { hits: [], library: [] }
    this.#confirmation?.saw(events.length)
    for (const [dataset, [some, places]] of byDataset(events))
      this.#programOf(dataset).run(some, places, found)
    const hits: Outcome[] = []
    const pending: Pending[] = []
    for (const each of found.hits.sort(inOrder)) {
      if (this.#confirmation?.wants(each.order)) pending.push({ ...each, compiled: true })
      else hits.push(each)
    }
    for (const each of found.library) pending.push({ ...each, compiled: false })
    if (pending.length > 0) {
      await this.#ask(pending, hits)
      hits.sort(inOrder)
    }
    return hits.map(({ event, order }) => ({ rule: this.#rules[order]!, event }))
  }

  takeErrors(): ReadonlyMap<string, number> {
    return this.#errors.take()
  }

  takeDisagreements(): ReadonlyMap<string, number> {
    const counts = this.#confirmation?.take() ?? []
    return new Map([...counts].map(([order, count]) => [this.#rules[order]!.id, count]))
  }

  async #ask(pending: readonly Pending[], hits: Outcome[]): Promise<void> {
    for (const each of pending) {
      const { order, event, compiled } = each
      if (await this.#libraryOf(order).matches(event, this.#errors)) hits.push(each)
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

function inOrder(a: Outcome, b: Outcome): number {
  return a.at - b.at || a.order - b.order
}

/** The events of each dataset, and their places among all. */
function byDataset(events: readonly Event[]): ReadonlyMap<Dataset, readonly [Event[], number[]]> {
  const groups = new Map<Dataset, [Event[], number[]]>()
  let last: Dataset | undefined
  let group: [Event[], number[]] = [[], []]
  for (let at = 0; at < events.length; at++) {
    const event = events[at]!
    if (event.dataset !== last) {
      last = event.dataset
      group = groups.get(last) ?? [[], []]
      groups.set(last, group)
    }
    group[0].push(event)
    group[1].push(at)
  }
  return groups
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
