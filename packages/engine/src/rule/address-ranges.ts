import type { Address, Network } from './address.ts'

/** Many networks of one kind as sorted ranges: a binary search tells whether an address is in some one of them. */
export class AddressRanges {
  /** First and last addresses, each as 32-bit words, most significant first: one for IPv4, four for IPv6. */
  readonly #from: Uint32Array
  readonly #to: Uint32Array
  readonly #width: number
  #count = 0

  constructor(networks: readonly Network[]) {
    const four = typeof networks[0]?.address === 'number'
    this.#width = four ? 1 : 4
    this.#from = new Uint32Array(networks.length * this.#width)
    this.#to = new Uint32Array(networks.length * this.#width)
    for (const range of four ? sortedFour(networks) : sortedSix(networks)) this.#add(range)
  }

  has(address: Address): boolean {
    if (this.#count === 0) return false
    const words = wordsOf(address)
    let low = 0
    let high = this.#count
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#order(words, this.#from, middle) < 0) high = middle
      else low = middle + 1
    }
    return low > 0 && this.#order(words, this.#to, low - 1) <= 0
  }

  /** Networks lie within one another or apart: one that begins before the last range ends is part of it. */
  #add({ from, to }: Range): void {
    if (this.#count > 0 && this.#order(from, this.#to, this.#count - 1) <= 0) return
    this.#from.set(from, this.#count * this.#width)
    this.#to.set(to, this.#count * this.#width)
    this.#count++
  }

  #order(words: readonly number[], table: Uint32Array, row: number): number {
    const at = row * this.#width
    for (let index = 0; index < this.#width; index++) {
      const difference = words[index]! - table[at + index]!
      if (difference !== 0) return difference
    }
    return 0
  }
}

interface Range {
  readonly from: readonly number[]
  readonly to: readonly number[]
}

function rangeOf({ address, bits }: Network): Range {
  const words = wordsOf(address)
  const hosts = words.map((_word, index) => hostMask(bits - 32 * index))
  return {
    from: words.map((word, index) => (word & ~hosts[index]!) >>> 0),
    to: words.map((word, index) => (word | hosts[index]!) >>> 0),
  }
}

/** In the order of their first addresses, the wider first; as plain numbers, which sort ten times as fast. */
function* sortedFour(networks: readonly Network[]): Generator<Range> {
  const keys = Float64Array.from(networks, (network) => rangeOf(network).from[0]! * 64 + network.bits)
  for (const key of keys.sort()) yield rangeOf({ address: Math.floor(key / 64), bits: key % 64 })
}

function sortedSix(networks: readonly Network[]): readonly Range[] {
  return networks.map(rangeOf).sort((a, b) => compare(a.from, b.from) || compare(b.to, a.to))
}

/** The bits of a 32-bit word behind the first so many. */
function hostMask(bits: number): number {
  if (bits >= 32) return 0
  return bits <= 0 ? 0xffff_ffff : 0xffff_ffff >>> bits
}

function wordsOf(address: Address): readonly number[] {
  if (typeof address === 'number') return [address >>> 0]
  return [0, 4, 8, 12].map(
    (at) =>
      ((address[at]! << 24) | (address[at + 1]! << 16) | (address[at + 2]! << 8) | address[at + 3]!) >>> 0,
  )
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let index = 0; index < a.length; index++) {
    const difference = a[index]! - b[index]!
    if (difference !== 0) return difference
  }
  return 0
}
