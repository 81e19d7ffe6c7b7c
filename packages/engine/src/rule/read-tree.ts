import type { ListNode, Member, Node, ObjectNode } from './json-tree.ts'
import type { Problems } from './problem.ts'

// Reading a checked value out of the tree: each gives `undefined` after having told the problem.

/** The members of an object by key; a key not in `known` is told. */
export function membersOf(
  node: Node,
  what: string,
  known: readonly string[],
  problems: Problems,
): ReadonlyMap<string, Member> | undefined {
  if (node.kind !== 'object') return problems.error(node.at, 'type', `${what} must be an object`)
  for (const member of node.members)
    if (!known.includes(member.key))
      problems.oddName(member.at, 'unknown-property', `property of ${what}`, member.key, known)
  return byKey(node)
}

export function byKey(node: ObjectNode): ReadonlyMap<string, Member> {
  return new Map(node.members.map((member) => [member.key, member]))
}

export function textOf(node: Node, what: string, problems: Problems): string | undefined {
  if (node.kind === 'string' && typeof node.value === 'string' && node.value.trim() !== '') return node.value
  return problems.error(node.at, 'type', `${what} must be text, and not empty`)
}

export function flagOf(node: Node, what: string, problems: Problems): boolean | undefined {
  if (node.kind === 'boolean') return node.value === true
  return problems.error(node.at, 'type', `${what} must be true or false`)
}

export function listOf(node: Node, what: string, problems: Problems): ListNode | undefined {
  return node.kind === 'list' ? node : problems.error(node.at, 'type', `${what} must be a list`)
}

/** A text of a list and where it stands. */
export interface Placed {
  readonly text: string
  readonly at: number
}

/** Distinct texts, at least one. */
export function textsOf(node: Node, what: string, problems: Problems): Placed[] {
  const list = listOf(node, what, problems)
  if (list === undefined) return []
  if (list.items.length === 0) problems.error(node.at, 'value', `${what} must not be empty`)
  const texts: Placed[] = []
  for (const item of list.items) {
    const text = textOf(item, `an entry of ${what}`, problems)
    if (text === undefined) continue
    if (texts.some((each) => each.text === text)) problems.error(item.at, 'value', `"${text}" is there twice`)
    else texts.push({ text, at: item.at })
  }
  return texts
}

/** One of a closed set of words. */
export function wordOf<Word extends string>(
  node: Node,
  what: string,
  words: readonly Word[],
  problems: Problems,
): Word | undefined {
  const text = textOf(node, what, problems)
  if (text === undefined) return undefined
  const word = words.find((each) => each === text)
  if (word !== undefined) return word
  const all = words.join(', ')
  return problems.error(node.at, 'unknown-value', `${what} "${text}" is none of ${all}`)
}
