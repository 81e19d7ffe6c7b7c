import { type Claim, claimOf, type Piece, textOf } from './claim.ts'
import { canonical } from './hash.ts'
import { type ListNode, type Node, plain } from './json-tree.ts'
import type { Problems } from './problem.ts'

/** Branches of one `any` that are compared; of a longer list none is, and what is said twice goes untold. */
const branchesComparedMax = 200

/** Warns of tests that no event can meet beside the others, and of branches that add nothing. */
export function warnUnreachable(conditions: Node, problems: Problems): void {
  visit(conditions, [], problems)
}

/** `held`: what is known to be true wherever `node` is asked. */
function visit(node: Node, held: readonly Claim[], problems: Problems): void {
  const [all, any, not] = ['all', 'any', 'not'].map((key) => memberOf(node, key))
  if (all !== undefined) visitAll(node, held, problems)
  else if (any?.kind === 'list') {
    for (const branch of any.items) visit(branch, held, problems)
    warnCovered(any, problems)
  } else if (not !== undefined) {
    // What holds outside makes a `not` spare at most, and never wrong.
    visit(not, [], problems)
  } else {
    const claim = claimOf(node)
    if (claim !== undefined) warnImpossible(node, claim, held, problems)
  }
}

function visitAll(node: Node, held: readonly Claim[], problems: Problems): void {
  const claims = [...held]
  const conjuncts = conjunctsOf(node)
  const rest: Node[] = []
  for (const each of conjuncts) {
    const claim = claimOf(each)
    if (claim === undefined) rest.push(each)
    else {
      warnImpossible(each, claim, claims, problems)
      claims.push(claim)
    }
  }
  for (const each of rest) visit(each, claims, problems)
}

/** What has to hold together, `all` within `all` opened. */
function conjunctsOf(node: Node): readonly Node[] {
  const all = memberOf(node, 'all')
  return all?.kind === 'list' ? all.items.flatMap(conjunctsOf) : [node]
}

function memberOf(node: Node, key: string): Node | undefined {
  return node.kind === 'object' ? node.members.find((member) => member.key === key)?.value : undefined
}

/** Told at the test that makes it impossible, and only there. */
function warnImpossible(node: Node, claim: Claim, held: readonly Claim[], problems: Problems): void {
  const beside = held.filter((each) => each.place === claim.place)
  if (!isPossible(beside) || isPossible([...beside, claim])) return
  const others = beside.map((each) => textOf(each.node)).join(' and ')
  const message = `${textOf(node)} can never hold${others === '' ? '' : ` beside ${others}`}`
  problems.warn(node.at, 'unreachable', message)
}

/** False only where surely no value meets all claims of one place. */
function isPossible(claims: readonly Claim[]): boolean {
  const listed = claims.find((claim) => claim.values !== undefined)
  if (listed !== undefined) return listed.values!.some((value) => claims.every((claim) => claim.holds(value)))
  const bounds = claims.flatMap((claim) => claim.bound ?? [])
  const lows = bounds.filter((bound) => bound.end === 'low')
  const highs = bounds.filter((bound) => bound.end === 'high')
  return lows.every((low) =>
    highs.every((high) => low.value < high.value || (low.value === high.value && !low.open && !high.open)),
  )
}

interface Branch {
  readonly node: Node
  readonly conjuncts: readonly Conjunct[]
}

/** What says nothing of a value is only ever covered by its like. */
type Conjunct = { readonly claim: Claim } | { readonly claim: undefined; readonly json: string }

function warnCovered({ items }: ListNode, problems: Problems): void {
  if (items.length > branchesComparedMax) return
  const branches = items.map(branchOf)
  for (const [index, branch] of branches.entries()) {
    const wider = branches.find(
      (other, place) => place !== index && covers(other, branch) && (place < index || !covers(branch, other)),
    )
    if (wider === undefined) continue
    const message = `this branch adds nothing: ${textOf(wider.node)} holds wherever it does`
    problems.warn(branch.node.at, 'unreachable', message)
  }
}

function branchOf(node: Node): Branch {
  return { node, conjuncts: conjunctsOf(node).map(conjunctOf) }
}

function conjunctOf(node: Node): Conjunct {
  const claim = claimOf(node)
  return claim === undefined ? { claim, json: canonical(plain(node)) } : { claim }
}

/** True when `wide` holds wherever `narrow` does, as far as that can be seen. */
function covers(wide: Branch, narrow: Branch): boolean {
  return wide.conjuncts.every((each) => narrow.conjuncts.some((other) => implies(other, each)))
}

function implies(narrow: Conjunct, wide: Conjunct): boolean {
  if (narrow.claim === undefined || wide.claim === undefined)
    return narrow.claim === wide.claim && 'json' in narrow && 'json' in wide && narrow.json === wide.json
  if (narrow.claim.place !== wide.claim.place) return false
  if (narrow.claim.values !== undefined) return impliesByValues(narrow.claim.values, wide.claim)
  if (narrow.claim.piece !== undefined) return impliesByText(narrow.claim.piece, wide.claim)
  return isSame(narrow.claim, wide.claim)
}

function isSame(a: Claim, b: Claim): boolean {
  return a.operator === b.operator && JSON.stringify(a.value) === JSON.stringify(b.value)
}

function impliesByValues(values: readonly unknown[], { holds }: Claim): boolean {
  return values.length > 0 && values.every(holds)
}

/** `startsWith "ab"` holds wherever `startsWith "abc"` does, and `containsText "b"` wherever either does. */
function impliesByText(long: Piece, { piece: short }: Claim): boolean {
  if (short === undefined || long.fold !== short.fold) return false
  if (short.at === 'containsText') return long.text.includes(short.text)
  return long.at === short.at && long.text[short.at](short.text)
}
