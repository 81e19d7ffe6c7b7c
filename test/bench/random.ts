/** Seeded numbers in [0, 1): the same seed gives the same benchmark. */
export type Random = () => number

export function seeded(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32
  }
}

export function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[Math.floor(random() * items.length)] as Item
}

/** Early items far more often than late ones, as operations are in a tenant. */
export function pickSkewed<Item>(random: Random, items: readonly Item[]): Item {
  return items[Math.floor(random() ** 3 * items.length)] as Item
}

/** The key of the first weight that the draw falls under; weights sum to 1. */
export function pickWeighted<Item>(random: Random, weights: readonly (readonly [Item, number])[]): Item {
  let left = random()
  for (const [item, weight] of weights) {
    left -= weight
    if (left < 0) return item
  }
  return weights.at(-1)![0]
}

export function hex(random: Random, digits: number): string {
  let text = ''
  while (text.length < digits)
    text += Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0')
  return text.slice(0, digits)
}

export function uuid(random: Random): string {
  return [8, 4, 4, 4, 12].map((digits) => hex(random, digits)).join('-')
}

export function address(random: Random): string {
  const part = () => Math.floor(random() * 254) + 1
  return `${pick(random, ['10', '172', '192', '198', '203'])}.${part()}.${part()}.${part()}`
}
