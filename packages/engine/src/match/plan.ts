import type { Dataset } from '@weir/model'
import type { Rule } from '../rule/rule.ts'
import { admits } from './admits.ts'
import { bind } from './bind.ts'
import { compile } from './compile.ts'
import type { Check } from './compile-leaf.ts'
import { conditionOf } from './condition.ts'
import { Demand, type Need, needOf } from './need.ts'
import type { Slots } from './slots.ts'
import { Sources } from './source.ts'

/** How one rule is found and decided among the rules of its dataset. */
export interface Planned {
  /** Its place in the rule set. */
  readonly order: number
  readonly id: string
  /** Absent where the library decides. */
  readonly check: Check | undefined
  /** Absent where every event has to be tried. */
  readonly need: Need | undefined
}

/** Choices of needs, each knowing the one before: few places then serve for nearly all rules. */
const CHOICES = 3

/** The rules that a dataset's events can meet, each with the cheapest way to find it beside the others. */
export function planOf(rules: readonly Rule[], dataset: Dataset, slots: Slots): readonly Planned[] {
  const asking = { slots, sources: new Sources(dataset) }
  const demand = new Demand()
  const admitted = rules.flatMap((rule, order) => {
    if (rule.conditions === undefined || !admits(rule, dataset)) return []
    const condition = conditionOf(bind(rule))
    demand.learn(condition, asking)
    return { order, id: rule.id, condition, check: compile(condition, slots) }
  })
  let needs = admitted.map(({ condition }) => needOf(condition, asking, demand))
  for (let choice = 1; choice < CHOICES; choice++) {
    demand.settle(needs)
    needs = admitted.map(({ condition }) => needOf(condition, asking, demand))
  }
  return admitted.map(({ condition: _, ...rule }, index) => ({ ...rule, need: needs[index] }))
}
