import { type Member, type ObjectNode, parseTree } from './json-tree.ts'

/**
 * The text of a JSON object without one of its members, and otherwise as it was: order, spacing and empty lines stay.
 * The text itself where it has no such member; throws `JsonError` for what is not JSON.
 */
export function withoutMember(text: string, key: string): string {
  const root = parseTree(text)
  if (root.kind !== 'object') return text
  const index = root.members.findIndex((member) => member.key === key)
  return index < 0 ? text : cut(text, root, index)
}

/** The last member takes the comma before it along, any other the one behind. */
function cut(text: string, { members }: ObjectNode, index: number): string {
  const [before, member, next] = [members[index - 1], members[index]!, members[index + 1]]
  const end = next === undefined ? member.value.end : text.indexOf(',', member.value.end) + 1
  const line = lineAround(text, member.at, end)
  if (next !== undefined) return without(text, line?.at ?? member.at, line?.end ?? next.at)
  if (before === undefined) return without(text, member.at, end)
  if (line === undefined) return without(text, before.value.end, end)
  return without(without(text, line.at, line.end), before.value.end, commaAfter(text, before))
}

/** The lines that a span has to itself, with their line ends. */
function lineAround(
  text: string,
  at: number,
  end: number,
): { readonly at: number; readonly end: number } | undefined {
  const from = text.lastIndexOf('\n', at - 1) + 1
  const to = text.indexOf('\n', end) + 1
  const alone = from > 0 && to > 0 && `${text.slice(from, at)}${text.slice(end, to)}`.trim() === ''
  return alone ? { at: from, end: to } : undefined
}

function commaAfter(text: string, { value }: Member): number {
  return text.indexOf(',', value.end) + 1
}

function without(text: string, at: number, end: number): string {
  return text.slice(0, at) + text.slice(end)
}
