import type { Event } from '@weir/model'
import { Engine, type RuleResult } from 'json-rules-engine'
import manifest from 'json-rules-engine/package.json' with { type: 'json' }
import { registerOperators } from '../rule/operators.ts'
import type { Rule } from '../rule/rule.ts'
import { bind } from './bind.ts'
import type { RuleErrors } from './errors.ts'
import { factOf, factsIn } from './facts.ts'

/** The release of json-rules-engine that decides what rules mean. */
export const LIBRARY_VERSION: string = manifest.version

/** One rule run by json-rules-engine itself: what the rule means. */
export class LibraryRule {
  readonly rule: Rule
  readonly #engine: Engine
  readonly #facts: readonly string[]
  #last: Promise<boolean> = Promise.resolve(false)

  constructor(rule: Rule) {
    this.rule = rule
    const { conditions, named } = bind(rule)
    this.#facts = [...factsIn([conditions, ...named.values()])]
    this.#engine = new Engine([], { allowUndefinedFacts: true })
    registerOperators(this.#engine)
    for (const [name, condition] of named) this.#engine.setCondition(name, condition)
    this.#engine.addRule({ conditions, event: { type: 'met' } })
  }

  /** One at a time: an engine that finishes one run stops the others that it has under way. */
  matches(event: Event, errors: RuleErrors): Promise<boolean> {
    this.#last = this.#last.then(() => this.#run(event, errors))
    return this.#last
  }

  /** The library's own account: every condition with what it saw. Rejects where the evaluation throws. */
  async account(event: Event): Promise<RuleResult> {
    const { results, failureResults } = await this.#engine.run(this.#factsOf(event))
    return [...results, ...failureResults][0]!
  }

  async #run(event: Event, errors: RuleErrors): Promise<boolean> {
    try {
      return (await this.account(event)).result === true
    } catch {
      errors.add(this.rule.id)
      return false
    }
  }

  #factsOf(event: Event): Record<string, unknown> {
    const facts: Record<string, unknown> = {}
    for (const name of this.#facts) {
      const value = factOf(event, name)
      if (value !== undefined) facts[name] = value
    }
    return facts
  }
}
