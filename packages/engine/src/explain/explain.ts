import type { Event } from '@weir/model'
import { admits } from '../match/admits.ts'
import { LibraryRule } from '../match/library.ts'
import type { RuleSet } from '../rule/load.ts'
import type { Rule } from '../rule/rule.ts'
import { type ExplainedCorrelation, keysOf } from './keys.ts'
import { type ExplainedCondition, treeOf } from './tree.ts'

/** Why a rule matched an event, or did not: json-rules-engine's own account, not a second evaluation. */
export interface Explanation {
  readonly rule: string
  readonly dataset: {
    readonly event: string
    /** Those that the rule looks at; empty for all. */
    readonly rule: readonly string[]
    readonly admitted: boolean
  }
  /** Its conditions hold; of a correlation over other rules: those of one of them do. */
  readonly matched: boolean
  /** Absent where the dataset was not admitted, the evaluation threw, or the rule has no conditions. */
  readonly conditions?: ExplainedCondition
  /** Why the evaluation threw: then the rule did not match, and the ledger counts an error. */
  readonly threw?: string
  /** What correlation takes of each match: of the rule's own, or of those of the rules below. */
  readonly correlations: readonly ExplainedCorrelation[]
  /** The rules that it is built on. */
  readonly bases: readonly Explanation[]
}

/** Explains one rule of a set, event by event; of its base rules every one is explained, too. */
export class Explainer {
  readonly #rule: Rule
  readonly #library: LibraryRule | undefined
  readonly #bases: readonly Explainer[]

  constructor(set: RuleSet, rule: Rule) {
    this.#rule = rule
    this.#library = rule.conditions && new LibraryRule(rule)
    this.#bases = basesOf(set, rule).map((base) => new Explainer(set, base))
  }

  async explain(event: Event): Promise<Explanation> {
    const rule = this.#rule
    const admitted = admits(rule, event.dataset)
    const own = admitted && this.#library !== undefined ? await accountOf(this.#library, event) : {}
    const bases: Explanation[] = []
    for (const base of this.#bases) bases.push(await base.explain(event))
    const matched = own.conditions?.result ?? bases.some((each) => each.matched)
    return {
      rule: rule.id,
      dataset: { event: event.dataset.name, rule: [...rule.datasets], admitted },
      matched,
      ...own,
      correlations: matched ? this.#correlations(event, bases) : [],
      bases,
    }
  }

  #correlations(event: Event, bases: readonly Explanation[]): readonly ExplainedCorrelation[] {
    const rule = this.#rule
    if (rule.correlation === undefined) return []
    if (this.#bases.length === 0) return [keysOf(rule, rule, event)]
    const met = this.#bases.filter((_, index) => bases[index]!.matched)
    return met.map((base) => keysOf(rule, base.#rule, event))
  }
}

function basesOf({ byId }: RuleSet, { id, correlation }: Rule): readonly Rule[] {
  return (correlation?.rules ?? []).flatMap((base) => (base === id ? [] : (byId.get(base) ?? [])))
}

async function accountOf(
  library: LibraryRule,
  event: Event,
): Promise<Pick<Explanation, 'conditions' | 'threw'>> {
  try {
    return { conditions: treeOf(await library.account(event), library.rule) }
  } catch (error) {
    return { threw: error instanceof Error ? error.message : String(error) }
  }
}
