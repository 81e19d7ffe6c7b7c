import type { Rule } from '../rule/rule.ts'
import { RECORD } from '../rule/vocabulary.ts'
import { bind } from './bind.ts'
import { compile } from './compile.ts'
import type { Check } from './compile-leaf.ts'
import { type Condition, conditionOf, type Leaf } from './condition.ts'
import { holds } from './holds.ts'
import { requiredLeaves, withoutLeaves } from './required.ts'
import type { Read, Slots } from './slots.ts'

/** What was seen so far of the fields that one rule requires. */
export class RuleSight {
  readonly rule: Rule
  /** False when the rule took the place of another one of its id: what was said of that one is over. */
  readonly first: boolean
  /** Events of its datasets that were looked at. */
  events = 0
  /** Those that met the rule but for the fields that no event had. */
  candidates = 0
  /** Time of the first of them, epoch milliseconds. */
  since: number | undefined
  readonly #condition: Condition
  /** Required tests of which no event had the field. */
  #waiting: ReadonlySet<Leaf>

  constructor(rule: Rule, first: boolean) {
    this.rule = rule
    this.first = first
    this.#condition = conditionOf(bind(rule))
    this.#waiting = new Set(requiredLeaves(this.#condition))
  }

  get waiting(): ReadonlySet<Leaf> {
    return this.#waiting
  }

  /** As a person would look for them in a record. */
  get fields(): readonly string[] {
    return [...new Set([...this.#waiting].map(nameOf))]
  }

  /** The rule but for the fields that no event had; `undefined` where only the library could tell. */
  candidate(slots: Slots): Check | undefined {
    return compile(withoutLeaves(this.#condition, this.#waiting), slots)
  }

  /** These fields occur. The rest of the rule is another one now, and its candidates are counted anew. */
  saw(leaves: readonly Leaf[]): void {
    this.#waiting = new Set([...this.#waiting].filter((leaf) => !leaves.includes(leaf)))
    this.candidates = 0
  }

  /** All of its fields occur: it matched. */
  matched(): void {
    this.#waiting = new Set()
  }
}

/** Looks at the events of one dataset for one rule. */
export class RuleWatch {
  readonly sight: RuleSight
  readonly #slots: Slots
  readonly #reads = new Map<Leaf, Read | undefined>()
  #candidate: Check | undefined
  /** What the check was made for. */
  #waiting: ReadonlySet<Leaf> | undefined

  constructor(sight: RuleSight, slots: Slots) {
    this.sight = sight
    this.#slots = slots
    for (const leaf of sight.waiting) this.#reads.set(leaf, slots.readOf(leaf.fact, leaf.path)?.read)
  }

  /** The slots' event. A value that cannot be read, or a path that only the library follows, is never called missing. */
  see(now: number): void {
    const { sight } = this
    sight.since ??= now
    sight.events++
    const seen = [...sight.waiting].filter((leaf) => has(this.#reads.get(leaf)))
    if (seen.length > 0) sight.saw(seen)
    if (this.#isCandidate()) sight.candidates++
  }

  #isCandidate(): boolean {
    const { sight } = this
    if (this.#waiting !== sight.waiting) {
      this.#waiting = sight.waiting
      this.#candidate = sight.candidate(this.#slots)
    }
    try {
      return this.#candidate?.() === true
    } catch {
      return false
    }
  }
}

function has(read: Read | undefined): boolean {
  try {
    return read === undefined || holds(read())
  } catch {
    return true
  }
}

function nameOf({ fact, path }: Leaf): string {
  if (path === undefined || path === '' || path === '$') return fact
  return fact === RECORD ? `${RECORD}${path.slice(1)}` : `${fact} ${path}`
}
