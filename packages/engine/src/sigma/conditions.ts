/** A json-rules-engine condition as a Weir rule file holds it. */
export type Conditions =
  | Leaf
  | { readonly all: readonly Conditions[] }
  | { readonly any: readonly Conditions[] }
  | { readonly not: Conditions }

export interface Leaf {
  readonly fact: string
  readonly path?: string
  readonly operator: string
  readonly value: unknown
}

export function allOf(list: readonly Conditions[]): Conditions {
  const flat = list.flatMap((each) => ('all' in each ? each.all : [each]))
  return flat.length === 1 ? flat[0]! : { all: flat }
}

export function anyOf(list: readonly Conditions[]): Conditions {
  const flat = list.flatMap((each) => ('any' in each ? each.any : [each]))
  return flat.length === 1 ? flat[0]! : { any: flat }
}

export function notOf(inner: Conditions): Conditions {
  return 'not' in inner ? inner.not : { not: inner }
}

export function leavesOf(conditions: Conditions): readonly Leaf[] {
  if ('all' in conditions) return conditions.all.flatMap(leavesOf)
  if ('any' in conditions) return conditions.any.flatMap(leavesOf)
  return 'not' in conditions ? leavesOf(conditions.not) : [conditions]
}
