import type { Event } from '@weir/model'
import { Memo } from './memo.ts'
import type { Source } from './source.ts'
import type { PlacedTerm } from './term.ts'
import { View } from './view.ts'

/** Everything that is asked of one value of an event, answered at one look. */
export class Place<Item> {
  readonly #raw: (event: Event) => unknown
  readonly #views = new Map<string, View<Item>>()
  readonly #found: Item[] = []
  readonly #memo = new Memo<Item>()
  #list: readonly View<Item>[] = []
  /** One hash answers: remembering its answers would be another. */
  #plain = false

  constructor({ raw }: Source) {
    this.#raw = raw
  }

  add(term: PlacedTerm, item: Item): void {
    const { name, of } = term.source
    const view = this.#views.get(name) ?? new View<Item>(of)
    this.#views.set(name, view)
    view.add(term, item)
    this.#list = [...this.#views.values()]
    this.#plain = this.#list.length === 1 && view.plain
  }

  /** What depends on an answer that this event gives; some may be told twice. To be read before the next look. */
  look(event: Event): readonly Item[] {
    const raw = this.#raw(event)
    if (typeof raw !== 'string' || this.#plain) return this.#find(raw)
    return this.#memo.get(raw) ?? this.#memo.put(raw, this.#find(raw))
  }

  #find(raw: unknown): readonly Item[] {
    const found = this.#found
    found.length = 0
    for (const view of this.#list) view.find(raw, found)
    return found
  }
}
