import { hash } from 'node:crypto'
import { WeirError } from '@weir/runtime'

/** A table grows when it is fuller than this, so that looking up stays short. */
const FULL_SHARE_MAX = 0.6
const SLOTS_FIRST = 1 << 12

/**
 * A set of identities, each as the first 64 bits of its SHA-256: 14 to 27 bytes of memory apiece. Of ten million
 * identities one passes for another once in two million runs.
 */
export class IdentitySet {
  readonly #identitiesMax: number
  #high = new Uint32Array(SLOTS_FIRST)
  #low = new Uint32Array(SLOTS_FIRST)
  #marks = new Uint8Array(SLOTS_FIRST)
  #size = 0
  #marked = 0

  /** Throws `WeirError` WRONG_USE at one identity more than that, from `add`. */
  constructor(identitiesMax: number) {
    this.#identitiesMax = identitiesMax
  }

  get size(): number {
    return this.#size
  }

  /** How many were marked. */
  get marked(): number {
    return this.#marked
  }

  /** True when it was not there. */
  add(identity: string): boolean {
    const [high, low] = hashOf(identity)
    const slot = this.#find(high, low)
    if (this.#holds(slot)) return false
    if (this.#size >= this.#identitiesMax) throw tooMany(this.#identitiesMax)
    this.#high[slot] = high
    this.#low[slot] = low
    this.#size += 1
    if (this.#size > this.#high.length * FULL_SHARE_MAX) this.#grow()
    return true
  }

  /** `new` when it is there and was not marked before. */
  mark(identity: string): 'absent' | 'new' | 'again' {
    const [high, low] = hashOf(identity)
    const slot = this.#find(high, low)
    if (!this.#holds(slot)) return 'absent'
    if (this.#marks[slot] === 1) return 'again'
    this.#marks[slot] = 1
    this.#marked += 1
    return 'new'
  }

  #holds(slot: number): boolean {
    return this.#high[slot] !== 0 || this.#low[slot] !== 0
  }

  /** Where it is, or the empty slot where it belongs. */
  #find(high: number, low: number): number {
    const last = this.#high.length - 1
    let slot = low & last
    while (this.#holds(slot) && (this.#high[slot] !== high || this.#low[slot] !== low))
      slot = (slot + 1) & last
    return slot
  }

  #grow(): void {
    const [high, low, marks] = [this.#high, this.#low, this.#marks]
    this.#high = new Uint32Array(high.length * 2)
    this.#low = new Uint32Array(high.length * 2)
    this.#marks = new Uint8Array(high.length * 2)
    for (let from = 0; from < high.length; from++) {
      if (high[from] === 0 && low[from] === 0) continue
      const slot = this.#find(high[from]!, low[from]!)
      this.#high[slot] = high[from]!
      this.#low[slot] = low[from]!
      this.#marks[slot] = marks[from]!
    }
  }
}

/** Never two zeros, which mark an empty slot. */
function hashOf(identity: string): readonly [high: number, low: number] {
  const digest = hash('sha256', identity, 'buffer')
  return [digest.readUInt32LE(0), digest.readUInt32LE(4) || 1]
}

function tooMany(max: number): WeirError {
  const remedy = 'bring --from and --to closer together, and reconcile the rest in further runs'
  return new WeirError(
    'WRONG_USE',
    `there are more than ${max} events in the interval (identitiesMax); ${remedy}`,
  )
}
