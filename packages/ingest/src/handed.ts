/**
 * What `work` hands over, one after the other: it waits until each was taken. When the reader stops early the next
 * hand-over rejects, so that the work ends.
 */
export async function* handed<T>(
  work: (hand: (item: T) => Promise<void>) => Promise<unknown>,
): AsyncGenerator<T> {
  const waiting: Handed<T>[] = []
  let wake = (): void => undefined
  let state: 'working' | 'ended' | 'left' = 'working'
  const hand = (item: T): Promise<void> =>
    new Promise((taken, left) => {
      if (state !== 'working') return left(new NobodyReads())
      waiting.push({ item, taken, left })
      wake()
    })
  const working = work(hand).finally(() => {
    state = 'ended'
    wake()
  })
  // Who reads to the end learns of it below; who left does not want to.
  working.catch(() => undefined)
  try {
    while (state === 'working' || waiting.length > 0) {
      const next = waiting[0]
      if (next === undefined) await new Promise<void>((resolve) => (wake = resolve))
      else {
        yield next.item
        waiting.shift()
        next.taken()
      }
    }
    await working
  } finally {
    state = 'left'
    for (const { left } of waiting) left(new NobodyReads())
  }
}

interface Handed<T> {
  readonly item: T
  readonly taken: () => void
  readonly left: (error: Error) => void
}

/** Nobody wants what would still be handed over. */
class NobodyReads extends Error {
  override readonly name = 'NobodyReads'
}
