import { addressOf, type Network, networkOf } from './address.ts'
import { AddressRanges } from './address-ranges.ts'
import { rememberedAddress } from './cidr.ts'
import { sha256 } from './hash.ts'
import type { Test } from './operator.ts'

/**
 * A list as the test of a fact. A function, because json-rules-engine copies whatever object stands in a condition
 * for every event, and leaves functions alone.
 */
export interface Watchlist extends Test {
  readonly list: string
  readonly entries: number
  /** The list for facts in lower case; made when it is first asked for. */
  readonly folded: () => Watchlist
  /** What stands for the list in JSON: equal content, equal text. */
  readonly toJSON: () => unknown
}

export interface WatchlistContent {
  readonly entries: readonly string[]
  /** Case does not count, whichever operator asks. */
  readonly fold: boolean
}

/** Texts, addresses and networks to look a fact up in; a number or boolean is looked up as its text. */
export function watchlistOf(list: string, { entries, fold }: WatchlistContent): Watchlist {
  const words = {
    list,
    entries: entries.length,
    toJSON: jsonOf(list, sha256(JSON.stringify([fold, entries]))),
  }
  const { texts, within } = sorted(entries)
  const lower = once(() => lookup(new Set(texts.map((text) => text.toLowerCase())), within))
  const plain = fold ? undefined : lookup(new Set(texts), within)
  const folded: () => Watchlist = once(() => Object.assign(lower(), { ...words, folded }))
  return Object.assign(plain ?? ((fact: unknown) => lower()(lowerCase(fact))), { ...words, folded })
}

export function isWatchlist(value: unknown): value is Watchlist {
  return typeof value === 'function'
}

function jsonOf(list: string, hash: string): () => unknown {
  return () => ({ list, hash })
}

function lookup(texts: ReadonlySet<string>, within: Test): Test {
  return (fact) => {
    const text = typeof fact === 'number' || typeof fact === 'boolean' ? String(fact) : fact
    return typeof text === 'string' && (texts.has(text) || within(text))
  }
}

function lowerCase(fact: unknown): unknown {
  return typeof fact === 'string' ? fact.toLowerCase() : fact
}

/** Addresses and networks become ranges, whichever way they are spelt; all else is text. */
function sorted(entries: readonly string[]): { readonly texts: readonly string[]; readonly within: Test } {
  const texts: string[] = []
  const four: Network[] = []
  const six: Network[] = []
  for (const entry of entries) {
    const network = networkIn(entry)
    if (network === undefined) texts.push(entry)
    else (typeof network.address === 'number' ? four : six).push(network)
  }
  return { texts, within: withinSome(new AddressRanges(four), new AddressRanges(six)) }
}

/** The first character tells most texts apart from an address, at less cost than an error. */
function networkIn(entry: string): Network | undefined {
  if (!/^[\da-f:][\da-f:.]+(?:\/\d+)?$/i.test(entry)) return undefined
  const slash = entry.indexOf('/')
  if (addressOf(slash < 0 ? entry : entry.slice(0, slash)) === undefined) return undefined
  try {
    return networkOf(entry)
  } catch {
    return undefined
  }
}

function withinSome(four: AddressRanges, six: AddressRanges): Test {
  return (fact) => {
    const address = rememberedAddress(fact as string)
    return address !== undefined && (typeof address === 'number' ? four : six).has(address)
  }
}

function once<Value>(make: () => Value): () => Value {
  let made: Value | undefined
  return () => {
    made ??= make()
    return made
  }
}
