import type { Member, Node } from './json-tree.ts'
import type { Problems } from './problem.ts'
import { byKey, type Placed } from './read-tree.ts'
import { TEMPLATE_WORDS } from './vocabulary.ts'

const HOLE = /\{\{\s*([^{}]*?)\s*\}\}/g

/** The fields that the texts in an event's params ask for: `{{source.ip}}`. */
export function templateFields(event: Member): readonly Placed[] {
  const params = event.value.kind === 'object' ? byKey(event.value).get('params') : undefined
  const fields = params === undefined ? [] : holesOf(params.value)
  return fields.filter((field) => !TEMPLATE_WORDS.includes(field.text))
}

/** A brace too few leaves the words of a template in the alert's text, where only the reader of alerts would see them. */
export function warnBrokenHoles(event: Member, problems: Problems): void {
  const params = event.value.kind === 'object' ? byKey(event.value).get('params')?.value : undefined
  const message = params?.kind === 'object' ? byKey(params).get('message')?.value : undefined
  if (message?.kind !== 'string' || !/\{\{|\}\}/.test(String(message.value).replace(HOLE, ''))) return
  problems.warn(message.at, 'value', 'a "{{" or "}}" stands alone and is text: write {{source.ip}}')
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
