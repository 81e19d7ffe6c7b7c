import type { Dataset, Event } from '@weir/model'
import type { RuleSet } from '../rule/load.ts'
import type { Rule } from '../rule/rule.ts'
import { admits } from './admits.ts'
import {
  createMatcher,
  createReferenceMatcher,
  type Hit,
  type Matcher,
  type MatcherOptions,
} from './matcher.ts'

/** A rule and an event on which compiled and indexed matching does not say what the library says. */
export interface Difference {
  readonly rule: Rule
  readonly event: Event
  /** Who alone calls it a hit. */
  readonly hitBy: 'compiled' | 'library'
}

/** Holds compiled and indexed matching, unconfirmed by default, against the plain library, and counts what was compared. */
export class Comparison {
  readonly #set: RuleSet
  readonly #compiled: Matcher
  readonly #library: Matcher
  readonly #rulesOf = new Map<Dataset, number>()
  events = 0
  /** Pairs of rule and event of which the library was asked: the rule has conditions and admits the dataset. */
  pairs = 0
  /** Pairs of which the library says that they are hits. */
  hits = 0

  constructor(set: RuleSet, datasets: ReadonlyMap<string, Dataset>, compiled: MatcherOptions = {}) {
    this.#set = set
    this.#compiled = createMatcher(set, datasets, compiled)
    this.#library = createReferenceMatcher(set, datasets)
  }

  /** The differences on some events, in their order; the events must be distinct objects. */
  async compare(events: readonly Event[]): Promise<readonly Difference[]> {
    const compiled = await this.#compiled.match(events)
    const library = await this.#library.match(events)
    this.events += events.length
    this.hits += library.length
    for (const { dataset } of events) this.pairs += this.#rulesFor(dataset)
    return [
      ...missing(compiled, library).map((hit): Difference => ({ ...pairOf(hit), hitBy: 'compiled' })),
      ...missing(library, compiled).map((hit): Difference => ({ ...pairOf(hit), hitBy: 'library' })),
    ].sort((a, b) => events.indexOf(a.event) - events.indexOf(b.event))
  }

  #rulesFor(dataset: Dataset): number {
    const known = this.#rulesOf.get(dataset)
    if (known !== undefined) return known
    const admitted = this.#set.rules.filter((rule) => rule.conditions !== undefined && admits(rule, dataset))
    this.#rulesOf.set(dataset, admitted.length)
    return admitted.length
  }
}

/** Hits of the one side that the other does not have. */
function missing(hits: readonly Hit[], others: readonly Hit[]): readonly Hit[] {
  const had = new Map<Event, Set<Rule>>()
  for (const { rule, event } of others) had.set(event, (had.get(event) ?? new Set()).add(rule))
  return hits.filter(({ rule, event }) => had.get(event)?.has(rule) !== true)
}

function pairOf({ rule, event }: Hit): { readonly rule: Rule; readonly event: Event } {
  return { rule, event }
}
