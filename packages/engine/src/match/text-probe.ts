/** Which end of a text a literal is tied to, if any. */
export type TextKind = 'startsWith' | 'endsWith' | 'containsText'

/** Literals that one regular expression asks for at once; more take another expression. */
const literalsPerGateMax = 100

interface Literal<Item> {
  readonly kind: TextKind
  readonly literal: string
  readonly items: Item[]
}

/** Literals asked for in the same text, each with what depends on it. */
export class TextProbe<Item> {
  readonly fold: boolean
  readonly #literals = new Map<string, Literal<Item>>()
  /** By the UTF-16 unit that the text has to begin or end with. */
  readonly #starts = new Map<number, Literal<Item>[]>()
  readonly #ends = new Map<number, Literal<Item>[]>()
  /** Empty literals: every text begins and ends with them. */
  readonly #every: Literal<Item>[] = []
  #gates: Gate<Item>[] = []

  constructor(fold: boolean) {
    this.fold = fold
  }

  add(kind: TextKind, literal: string, item: Item): void {
    const key = `${kind} ${literal}`
    const known = this.#literals.get(key)
    if (known === undefined) this.#literals.set(key, this.#placed({ kind, literal, items: [item] }))
    else known.items.push(item)
  }

  /** Adds everything that depends on a literal which the text holds. */
  find(value: string, found: Item[]): void {
    const text = this.fold ? value.toLowerCase() : value
    if (this.#starts.size > 0) tellAll(this.#starts.get(text.charCodeAt(0)), text, found)
    if (this.#ends.size > 0) tellAll(this.#ends.get(text.charCodeAt(text.length - 1)), text, found)
    if (this.#every.length > 0) tellAll(this.#every, text, found)
    for (const { pattern, literals } of this.#gates) {
      if (pattern.test(text)) tellAll(literals, text, found)
    }
  }

  #placed(literal: Literal<Item>): Literal<Item> {
    const { kind, literal: text } = literal
    if (text === '' && kind !== 'containsText') this.#every.push(literal)
    else if (kind === 'startsWith') push(this.#starts, text.charCodeAt(0), literal)
    else if (kind === 'endsWith') push(this.#ends, text.charCodeAt(text.length - 1), literal)
    else this.#gates = gatesOf([...this.#gates.flatMap((gate) => gate.literals), literal])
    return literal
  }
}

/** One scan that tells whether any of its literals can be there at all. */
interface Gate<Item> {
  readonly pattern: RegExp
  readonly literals: readonly Literal<Item>[]
}

function gatesOf<Item>(literals: readonly Literal<Item>[]): Gate<Item>[] {
  const gates: Gate<Item>[] = []
  for (let from = 0; from < literals.length; from += literalsPerGateMax) {
    const some = literals.slice(from, from + literalsPerGateMax)
    gates.push({ pattern: new RegExp(some.map((each) => escaped(each.literal)).join('|')), literals: some })
  }
  return gates
}

function escaped(literal: string): string {
  return literal.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}

function push<Value>(map: Map<number, Value[]>, key: number, value: Value): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}

function tellAll<Item>(literals: readonly Literal<Item>[] | undefined, text: string, found: Item[]): void {
  if (literals === undefined) return
  for (const { kind, literal, items } of literals)
    if (text[kind === 'containsText' ? 'includes' : kind](literal)) for (const item of items) found.push(item)
}
