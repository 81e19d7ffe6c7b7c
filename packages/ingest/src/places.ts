import type { MessagePlace, RawMessage, Refetched } from '@weir/model'

/** What `places` lead to, by the part of `at` before its last `@` (a blob or an object), with what stands behind it. */
export function byObject(places: readonly MessagePlace[]): Map<string, readonly ObjectPlace[]> {
  const objects = new Map<string, ObjectPlace[]>()
  for (const { partition, at } of places) {
    const cut = at.lastIndexOf('@')
    const name = at.slice(0, cut)
    const list = objects.get(name)
    const place = { partition, at, offset: Number(at.slice(cut + 1)) }
    if (list === undefined) objects.set(name, [place])
    else list.push(place)
  }
  return objects
}

export interface ObjectPlace extends MessagePlace {
  readonly offset: number
}

/**
 * The wanted messages among those of an object that is read from its beginning. One that was cut at another place when
 * it was first read lies within one of these: it is then what follows from its own offset on.
 */
export async function* wantedOf(
  places: readonly ObjectPlace[],
  messages: AsyncIterable<{ readonly message: RawMessage; readonly offset: number }>,
): AsyncGenerator<Refetched> {
  const left = [...places].sort((a, b) => a.offset - b.offset)
  for await (const { message, offset } of messages) {
    while (left.length > 0 && left[0]!.offset < offset + message.bytes.length) {
      const { offset: wanted, ...place } = left.shift()!
      if (wanted < offset) yield { ...place, gone: 'not-found' }
      else
        yield {
          ...place,
          message: { ...message, at: place.at, bytes: message.bytes.subarray(wanted - offset) },
        }
    }
    if (left.length === 0) return
  }
  for (const { partition, at } of left) yield { partition, at, gone: 'not-found' }
}

/** All of them gone for one reason. */
export function allGone(places: readonly MessagePlace[], gone: 'retention' | 'not-found'): Refetched[] {
  return places.map(({ partition, at }) => ({ partition, at, gone }))
}
