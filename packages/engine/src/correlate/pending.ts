import type { StoredMember } from '@weir/model'

/** Members of packed groups that no commit holds yet, and that nothing else in memory does. */
export class Pending {
  #members: (StoredMember | undefined)[] = []
  /** Where the members of a group are, by its rule's hash and key; filled up when somebody asks. */
  readonly #places = new Map<string, number[]>()
  #placed = 0

  add(member: StoredMember): void {
    this.#members.push(member)
  }

  of(ruleHash: string, groupKey: string): readonly StoredMember[] {
    return this.#placesOf(ruleHash, groupKey).flatMap((place) => this.#members[place] ?? [])
  }

  /** They are held elsewhere from now on. */
  takeOf(ruleHash: string, groupKey: string): readonly StoredMember[] {
    const members = this.of(ruleHash, groupKey)
    for (const place of this.#placesOf(ruleHash, groupKey)) this.#members[place] = undefined
    return members
  }

  /** All of them, to be committed. */
  take(): StoredMember[] {
    const members = this.#members.filter((member) => member !== undefined)
    this.#members = []
    this.#places.clear()
    this.#placed = 0
    return members
  }

  #placesOf(ruleHash: string, groupKey: string): readonly number[] {
    for (; this.#placed < this.#members.length; this.#placed++) {
      const member = this.#members[this.#placed]
      if (member === undefined) continue
      const key = placeKey(member.ruleHash, member.groupKey)
      const places = this.#places.get(key)
      if (places === undefined) this.#places.set(key, [this.#placed])
      else places.push(this.#placed)
    }
    return this.#places.get(placeKey(ruleHash, groupKey)) ?? []
  }
}

function placeKey(ruleHash: string, groupKey: string): string {
  return `${ruleHash}\n${groupKey}`
}
