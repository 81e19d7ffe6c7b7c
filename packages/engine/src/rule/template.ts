import type { Member, Node } from './json-tree.ts'
import { byKey, type Placed } from './read-tree.ts'
import { TEMPLATE_WORDS } from './vocabulary.ts'

const HOLE = /\{\{\s*([^{}]*?)\s*\}\}/g

/** The fields that the texts in an event's params ask for: `{{source.ip}}`. */
export function templateFields(event: Member): readonly Placed[] {
  const params = event.value.kind === 'object' ? byKey(event.value).get('params') : undefined
  const fields = params === undefined ? [] : holesOf(params.value)
  return fields.filter((field) => !TEMPLATE_WORDS.includes(field.text))
}

function holesOf(node: Node): readonly Placed[] {
  switch (node.kind) {
    case 'object':
      return node.members.flatMap((member) => holesOf(member.value))
    case 'list':
      return node.items.flatMap(holesOf)
    case 'string':
      return [...String(node.value).matchAll(HOLE)].map((hole) => ({ text: hole[1]!, at: node.at }))
    case 'number':
    case 'boolean':
    case 'null':
      return []
    default:
      return node satisfies never
  }
}
