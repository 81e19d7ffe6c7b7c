import { nearest, type Rule, type RuleSet } from '@weir/engine'
import { WeirError } from '@weir/runtime'

/** The rule of an id; throws `WeirError` WRONG_USE, with the nearest id, when there is none. */
export function namedRule({ byId }: RuleSet, id: string): Rule {
  const rule = byId.get(id)
  if (rule !== undefined) return rule
  const near = nearest(id, byId.keys())
  const hint = near === undefined ? '' : `; did you mean ${near}?`
  throw new WeirError('WRONG_USE', `no rule "${id}" among the ${byId.size} that load${hint}`)
}
