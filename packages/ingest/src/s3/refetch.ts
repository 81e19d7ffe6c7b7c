import { Readable } from 'node:stream'
import type { MessagePlace, RawMessage, Refetch, Refetched } from '@weir/model'
import { aborted } from '@weir/runtime'
import { decompressed } from '../files/open.ts'
import { allGone, byObject, type ObjectPlace } from '../places.ts'
import type { S3Config } from './config.ts'
import { openObject, type S3Service } from './object.ts'
import { cutObject } from './pieces.ts'

/** Messages by object and place: the object is read whole and cut as it was before. */
export function s3Refetch(config: S3Config, open: () => Promise<S3Service>, signal: AbortSignal): Refetch {
  let opening: Promise<S3Service> | undefined
  void aborted(signal).then(async () => (await opening?.catch(() => undefined))?.client.destroy())
  return async function* (places: readonly MessagePlace[]): AsyncGenerator<Refetched> {
    opening ??= open()
    const service = await opening
    for (const [name, wanted] of byObject(places)) yield* refetchObject(config, service, name, wanted, signal)
  }
}

async function* refetchObject(
  config: S3Config,
  service: S3Service,
  name: string,
  places: readonly ObjectPlace[],
  signal: AbortSignal,
): AsyncGenerator<Refetched> {
  const slash = name.indexOf('/')
  const object = { bucket: name.slice(0, slash), key: name.slice(slash + 1) }
  const opened = await openObject(service, object, signal)
  if (opened === undefined || opened.length > config.objectBytesMax) {
    opened?.close()
    return yield* allGone(places, opened === undefined ? 'retention' : 'not-found')
  }
  const left = new Map(places.map((place) => [place.offset, place]))
  const { dataset } = config
  for await (const { bytes, offset } of cutObject(
    decompressed(Readable.from([await opened.bytes()])),
    config,
  )) {
    signal.throwIfAborted()
    const place = left.get(offset)
    if (place === undefined) continue
    left.delete(offset)
    const { partition, at } = place
    const message: RawMessage = { bytes, at, arrival: opened.lastModified, ...(dataset && { dataset }) }
    yield { partition, at, message }
    if (left.size === 0) return
  }
  yield* allGone([...left.values()], 'not-found')
}
