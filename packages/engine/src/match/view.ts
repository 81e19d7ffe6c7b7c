import type { PlacedTerm, ValueTerm } from './term.ts'
import { TextProbe } from './text-probe.ts'

/** What is asked of one fact. */
export class View<Item> {
  readonly #of: ((raw: unknown) => unknown) | undefined
  readonly #probes: ValueProbe<Item>[] = []
  readonly #texts: TextProbe<Item>[] = []
  readonly #tests = new Map<string, SharedTest<Item>>()
  /** Pieces of text are asked of the entries of a list. */
  #entries = false

  constructor(of: ((raw: unknown) => unknown) | undefined) {
    this.#of = of
  }

  /** True where a single look by the value itself answers everything. */
  get plain(): boolean {
    const [first, ...more] = [...this.#probes, ...this.#texts, ...this.#tests]
    const single = more.length === 0 && first instanceof ValueProbe
    return this.#of === undefined && single && !first.fold && !first.entries
  }

  add(term: PlacedTerm, item: Item): void {
    if (term.kind === 'value') this.#probeOf(term).add(term.values, item)
    else if (term.kind === 'text') {
      this.#entries = term.entries
      this.#textOf(term.fold).add(term.as, term.literal, item)
    } else this.#testOf(term.key, term.test).items.push(item)
  }

  /** Adds what depends on an answer that the value gives. */
  find(raw: unknown, found: Item[]): void {
    const value = this.#of === undefined ? raw : this.#of(raw)
    for (const probe of this.#probes) probe.find(value, found)
    if (this.#texts.length > 0) this.#findTexts(value, found)
    if (this.#tests.size === 0) return
    for (const { test, items } of this.#tests.values())
      if (test(value)) for (const item of items) found.push(item)
  }

  #findTexts(value: unknown, found: Item[]): void {
    if (typeof value === 'string') for (const text of this.#texts) text.find(value, found)
    else if (this.#entries && Array.isArray(value)) for (const each of value) this.#findTexts(each, found)
  }

  #probeOf({ fold, entries }: ValueTerm): ValueProbe<Item> {
    const known = this.#probes.find((each) => each.fold === fold && each.entries === entries)
    const probe = known ?? new ValueProbe<Item>(fold, entries)
    if (known === undefined) this.#probes.push(probe)
    return probe
  }

  #textOf(fold: boolean): TextProbe<Item> {
    const known = this.#texts.find((each) => each.fold === fold)
    const text = known ?? new TextProbe<Item>(fold)
    if (known === undefined) this.#texts.push(text)
    return text
  }

  #testOf(key: string, test: (value: unknown) => boolean): SharedTest<Item> {
    const shared = this.#tests.get(key) ?? { test, items: [] }
    this.#tests.set(key, shared)
    return shared
  }
}

/** One test and what depends on it. */
interface SharedTest<Item> {
  readonly test: (value: unknown) => boolean
  readonly items: Item[]
}

/** Values asked for, as they are or in lower case, of the fact itself or of the entries of its list. */
class ValueProbe<Item> {
  readonly fold: boolean
  readonly entries: boolean
  readonly #items = new Map<unknown, Item[]>()

  constructor(fold: boolean, entries: boolean) {
    this.fold = fold
    this.entries = entries
  }

  add(values: readonly unknown[], item: Item): void {
    for (const value of new Set(values)) {
      const items = this.#items.get(value) ?? []
      this.#items.set(value, items)
      items.push(item)
    }
  }

  find(value: unknown, found: Item[]): void {
    if (!this.entries) this.#look(value, found)
    else if (Array.isArray(value)) for (const each of value) this.#look(each, found)
  }

  #look(value: unknown, found: Item[]): void {
    const key = this.fold && typeof value === 'string' ? value.toLowerCase() : value
    const items = this.#items.get(key)
    if (items !== undefined) for (const item of items) found.push(item)
  }
}
