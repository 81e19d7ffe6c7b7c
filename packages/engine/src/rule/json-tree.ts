import type { JsonValue } from '@weir/model'

/** Objects and lists within one another; a file nested deeper is refused. */
const jsonDepthMax = 64

/** A parsed JSON value that knows where it stands: offsets into the text, `end` exclusive. */
export type Node = ObjectNode | ListNode | ScalarNode

export interface ObjectNode {
  readonly kind: 'object'
  readonly at: number
  readonly end: number
  readonly members: readonly Member[]
}

export interface Member {
  readonly key: string
  readonly at: number
  readonly value: Node
}

export interface ListNode {
  readonly kind: 'list'
  readonly at: number
  readonly end: number
  readonly items: readonly Node[]
}

export interface ScalarNode {
  readonly kind: 'string' | 'number' | 'boolean' | 'null'
  readonly at: number
  readonly end: number
  readonly value: string | number | boolean | null
}

/** What is not JSON, and where. */
export class JsonError extends Error {
  readonly at: number

  constructor(message: string, at: number) {
    super(message)
    this.at = at
  }
}

/** Parses JSON with positions; throws `JsonError`, also for a key that is there twice. */
export function parseTree(text: string): Node {
  const parser = new Parser(text)
  const root = parser.value(0)
  parser.end()
  return root
}

/** The plain value of a node. */
export function plain(node: Node): JsonValue {
  switch (node.kind) {
    case 'object':
      return Object.fromEntries(node.members.map((member) => [member.key, plain(member.value)]))
    case 'list':
      return node.items.map(plain)
    case 'string':
    case 'number':
    case 'boolean':
    case 'null':
      return node.value
    default:
      return node satisfies never
  }
}

/** A string may still be wrong within: `JSON.parse` has the last word. */
const SCALAR = /"(?:[^"\\]|\\.)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y

class Parser {
  readonly #text: string
  #at: number

  constructor(text: string) {
    this.#text = text
    this.#at = text.charCodeAt(0) === 0xfeff ? 1 : 0
  }

  value(depth: number): Node {
    const next = this.#peek()
    if (depth > jsonDepthMax) throw new JsonError(`nested deeper than ${jsonDepthMax}`, this.#at)
    if (next === '{') return this.#object(depth)
    if (next === '[') return this.#list(depth)
    return this.#scalar()
  }

  end(): void {
    if (this.#peek() !== '') throw new JsonError('text after the end of the JSON value', this.#at)
  }

  #object(depth: number): ObjectNode {
    const at = this.#at++
    const members: Member[] = []
    const keys = new Set<string>()
    while (this.#more('}', members.length)) {
      this.#peek()
      const key = this.#scalar()
      if (typeof key.value !== 'string') throw new JsonError('a key must be a string', key.at)
      if (keys.has(key.value)) throw new JsonError(`"${key.value}" is there twice`, key.at)
      keys.add(key.value)
      if (this.#peek() !== ':') throw new JsonError('expected ":"', this.#at)
      this.#at++
      members.push({ key: key.value, at: key.at, value: this.value(depth + 1) })
    }
    return { kind: 'object', at, end: this.#at, members }
  }

  #list(depth: number): ListNode {
    const at = this.#at++
    const items: Node[] = []
    while (this.#more(']', items.length)) items.push(this.value(depth + 1))
    return { kind: 'list', at, end: this.#at, items }
  }

  /** True when another element follows; consumes the comma before it, or the closing bracket. */
  #more(close: string, count: number): boolean {
    const next = this.#peek()
    if (next === close) {
      this.#at++
      return false
    }
    if (count === 0) return true
    if (next === '') throw new JsonError(this.#unexpected(), this.#at)
    if (next !== ',') throw new JsonError(`expected "," or "${close}"`, this.#at)
    this.#at++
    if (this.#peek() === close) throw new JsonError(`nothing may stand between "," and "${close}"`, this.#at)
    return true
  }

  #scalar(): ScalarNode {
    SCALAR.lastIndex = this.#at
    const found = SCALAR.exec(this.#text)?.[0]
    if (found === undefined) throw new JsonError(this.#unexpected(), this.#at)
    const at = this.#at
    this.#at += found.length
    const value = this.#parsed(found, at)
    const kind = value === null ? 'null' : (typeof value as 'string' | 'number' | 'boolean')
    return { kind, at, end: this.#at, value }
  }

  #parsed(text: string, at: number): ScalarNode['value'] {
    try {
      return JSON.parse(text) as ScalarNode['value']
    } catch {
      throw new JsonError('a string with a control character or an unknown escape', at)
    }
  }

  #unexpected(): string {
    const next = this.#text[this.#at]
    if (next === undefined) return 'the text ends too early'
    if (/^\/[/*]/.test(this.#text.slice(this.#at, this.#at + 2))) return 'JSON has no comments'
    return next === '"' ? 'a string that is not closed' : `unexpected ${JSON.stringify(next)}`
  }

  /** The next character that is not white space, '' at the end. */
  #peek(): string {
    while (' \t\n\r'.includes(this.#text[this.#at] ?? '?')) this.#at++
    return this.#text[this.#at] ?? ''
  }
}
