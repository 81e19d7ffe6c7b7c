/** A frame longer than this ends its connection: it would otherwise fill memory before it is whole. */
const FRAME_BYTES_MAX = 1_048_576

const SPACE = 0x20
const LINE_FEED = 0x0a

/** A frame begins with its length in octets and a space, or else it ends with a line feed (RFC 6587). */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0)
  #broken = false

  /** True once a length could not be read or a frame went over the bound: nothing behind it can be found. */
  get broken(): boolean {
    return this.#broken
  }

  /** The frames that are whole now, as text. */
  push(bytes: Buffer): string[] {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
    const frames: string[] = []
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) frames.push(frame)
    if (this.#rest.length > FRAME_BYTES_MAX) this.#broken = true
    return frames
  }

  #next(): string | undefined {
    if (this.#rest.length === 0 || this.#broken) return undefined
    return isDigit(this.#rest[0]!) ? this.#counted() : this.#line()
  }

  #counted(): string | undefined {
    const space = this.#rest.indexOf(SPACE)
    if (space === -1) {
      this.#broken = this.#rest.length > String(FRAME_BYTES_MAX).length
      return undefined
    }
    const length = Number(this.#rest.toString('latin1', 0, space))
    this.#broken = !Number.isInteger(length) || length > FRAME_BYTES_MAX
    if (this.#broken) return undefined
    const end = space + 1 + length
    return this.#rest.length < end ? undefined : this.#take(space + 1, end, end)
  }

  #line(): string | undefined {
    const end = this.#rest.indexOf(LINE_FEED)
    return end === -1 ? undefined : this.#take(0, end, end + 1)
  }

  #take(from: number, to: number, next: number): string {
    const frame = this.#rest.toString('utf8', from, to)
    this.#rest = this.#rest.subarray(next)
    return frame
  }
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}
