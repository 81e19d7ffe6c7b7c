const SPACE = 0x20
const QUOTE = 0x22
const COMMA = 0x2c
const BACKSLASH = 0x5c
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const OPEN = 0x7b
const CLOSE = 0x7d
const LIST_OPEN = Buffer.from('[')
const LIST_CLOSE = Buffer.from(']')

/** Whole records of an object, and the place behind them in its decompressed text. */
export interface Piece {
  readonly bytes: Buffer
  readonly offset: number
  readonly end: number
}

/** Finds where the elements of the one list in `{"Records":[…]}` end, over chunks of any size. */
export class ElementCutter {
  readonly #elementBytesMax: number
  #held: Buffer = Buffer.alloc(0)
  /** Where the held bytes begin in the text. */
  #base = 0
  /** Within the held bytes: how far it has looked, and behind the last whole element. */
  #at = 0
  #whole = 0
  /** Where the first element begins that was not taken, and the one that is looked at. */
  #first = -1
  #start = -1
  #depth = 0
  #inList = false
  #inText = false
  #ended = false

  constructor(elementBytesMax: number) {
    this.#elementBytesMax = elementBytesMax
  }

  /** Bytes of whole elements. */
  get ready(): number {
    return this.#whole === 0 ? 0 : this.#whole - this.#first
  }

  /** Bytes behind the whole elements. */
  get rest(): number {
    return this.#held.length - this.#whole
  }

  get ended(): boolean {
    return this.#ended
  }

  get tooLarge(): boolean {
    return !this.#ended && this.rest > this.#elementBytesMax
  }

  add(chunk: Buffer): void {
    if (this.#ended) return
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk])
    this.#look()
  }

  /** The whole elements as a list of their own; it begins and ends where they do. */
  take(): Piece {
    const first = this.#first
    const bytes = Buffer.concat([LIST_OPEN, this.#held.subarray(first, this.#whole), LIST_CLOSE])
    const piece = { bytes, offset: this.#base + first, end: this.#base + this.#whole }
    this.#drop(this.#whole)
    return piece
  }

  /** What is left when there will be no more. */
  takeRest(): Piece {
    const bytes = Buffer.from(this.#held)
    return { bytes, offset: this.#base, end: this.#base + bytes.length }
  }

  #drop(bytes: number): void {
    this.#held = this.#held.subarray(bytes)
    this.#base += bytes
    this.#at -= bytes
    this.#whole = 0
    this.#start -= bytes
    this.#first = this.#depth === 0 ? -1 : this.#start
  }

  #look(): void {
    const bytes = this.#held
    for (; this.#at < bytes.length && !this.#ended; this.#at++) {
      const byte = bytes[this.#at]
      if (this.#inText) {
        if (byte === BACKSLASH) this.#at++
        else if (byte === QUOTE) this.#inText = false
      } else if (byte === QUOTE) this.#inText = true
      else if (!this.#inList) this.#inList = byte === OPEN_LIST
      else this.#step(byte)
      if (this.#inList && this.#depth === 0 && !this.#ended) this.#beside(byte)
    }
  }

  /** What stands in the list and is no object goes along, so that whoever reads the piece refuses it. */
  #beside(byte: number | undefined): void {
    if (byte === undefined || byte <= SPACE || byte === COMMA || byte === OPEN_LIST || byte === CLOSE) return
    this.#begin()
    this.#whole = this.#at + 1
  }

  #begin(): void {
    this.#start = this.#at
    if (this.#first === -1) this.#first = this.#at
  }

  #step(byte: number | undefined): void {
    if (byte === OPEN || byte === OPEN_LIST) {
      if (this.#depth === 0) this.#begin()
      this.#depth++
    } else if (byte === CLOSE || byte === CLOSE_LIST) {
      if (this.#depth === 0) this.#ended = true
      else if (--this.#depth === 0) this.#whole = this.#at + 1
    }
  }
}
