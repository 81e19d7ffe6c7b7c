import { gunzip } from 'node:zlib'
import type { RawMessage } from '@weir/model'

/** Messages that are inflated while one is read: as many as the runtime has threads for it. */
const MESSAGES_AHEAD_MAX = 4

/** A message that says it has more text than that is inflated when its turn comes, so that few texts are held. */
const TEXT_BYTES_MAX = 4_000_000

/** Inflates the gzip of the messages that come next on other threads, while those before them are read. */
export class InflateAhead {
  readonly #messages: readonly RawMessage[]
  readonly #texts = new Map<RawMessage, Promise<Uint8Array | undefined>>()
  #started = 0
  #taken = 0

  constructor(messages: readonly RawMessage[]) {
    this.#messages = messages
  }

  /** The text of a message, in their order; `undefined` where nothing was inflated and the bytes speak for themselves. */
  async take(message: RawMessage): Promise<Uint8Array | undefined> {
    // What has not begun is as fast on this thread, and the others have the next ones.
    this.#taken++
    this.#started = Math.max(this.#started, this.#taken)
    while (this.#started < this.#messages.length && this.#started < this.#taken + MESSAGES_AHEAD_MAX)
      this.#start(this.#messages[this.#started++]!)
    const text = this.#texts.get(message)
    this.#texts.delete(message)
    return text
  }

  #start(message: RawMessage): void {
    const { bytes } = message
    if (bytes.length < 18 || bytes[0] !== 0x1f || bytes[1] !== 0x8b) return
    const said = new DataView(bytes.buffer, bytes.byteOffset).getUint32(bytes.length - 4, true)
    if (said > 0 && said <= TEXT_BYTES_MAX) this.#texts.set(message, inflated(bytes, said))
  }
}

/** `undefined` for what is damaged or says the wrong size: whoever reads it finds out why. */
function inflated(bytes: Uint8Array, size: number): Promise<Uint8Array | undefined> {
  return new Promise((resolve) => {
    gunzip(bytes, { chunkSize: Math.max(size + 1, 1_024), maxOutputLength: size }, (error, text) =>
      resolve(error === null ? text : undefined),
    )
  })
}
