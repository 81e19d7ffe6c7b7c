import type { JsonObject } from '@weir/model'
import type { Random } from './random.ts'
import type { SpoilKind } from './spoil.ts'
import type { StreamName } from './streams.ts'

/** A record that will be written: when it happens, when it is handed over, and how it reads. */
export interface Planned {
  readonly stream: StreamName
  /** Epoch milliseconds of the happening. */
  readonly time: number
  /** Epoch milliseconds at which its service lets go of it. */
  readonly arrival: number
  /** Keeps apart what goes to different blobs of one stream: an interface; '' elsewhere. */
  readonly lane: string
  /** Of its own, so that a record reads the same whenever it is written. */
  readonly seed: number
  readonly write: (random: Random) => JsonObject
  readonly spoiled?: SpoilKind
}

/** Something that happens, before it is known how long its service takes. */
export interface Happening {
  readonly stream: StreamName
  readonly time: number
  readonly lane?: string
  readonly write: (random: Random) => JsonObject
  /** Milliseconds that it is held back beyond the usual. */
  readonly heldBack?: number
  /** It is delivered once more, in another message. */
  readonly twice?: boolean
  readonly spoiled?: SpoilKind
}

/** A message of a hub in which nothing can be read. */
export interface BrokenMessage {
  readonly stream: StreamName
  readonly arrival: number
  readonly body: Buffer
}
