/** Random numbers that a seed decides: the same seed gives the same numbers in the same order, everywhere. */
export class Random {
  #a: number
  #b: number
  #c: number
  #count: number

  constructor(seed: number) {
    this.#a = mix(seed)
    this.#b = mix(this.#a)
    this.#c = mix(this.#b)
    this.#count = 1
    for (let warm = 0; warm < 12; warm++) this.uint32()
  }

  /** Small fast counting generator, 32 bits. */
  uint32(): number {
    const sum = (this.#a + this.#b + this.#count++) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0
    return sum >>> 0
  }

  /** At least 0, less than 1. */
  fraction(): number {
    return this.uint32() / 4_294_967_296
  }

  /** A whole number, both ends included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.fraction() * (most - least + 1))
  }

  chance(share: number): boolean {
    return this.fraction() < share
  }

  pick<T>(list: readonly T[]): T {
    return list[this.between(0, list.length - 1)]!
  }

  /** One of several by weight. */
  weighted<T>(list: readonly (readonly [T, number])[]): T {
    const total = list.reduce((sum, [, weight]) => sum + weight, 0)
    let left = this.fraction() * total
    for (const [value, weight] of list) {
      left -= weight
      if (left < 0) return value
    }
    return list[0]![0]
  }

  /** Waiting times: mostly short, now and then long. */
  exponential(mean: number): number {
    return -Math.log(1 - this.fraction()) * mean
  }

  hex(digits: number): string {
    let text = ''
    while (text.length < digits) text += this.uint32().toString(16).padStart(8, '0')
    return text.slice(0, digits)
  }

  guid(): string {
    const hex = this.hex(32)
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`
  }

  /** Text of the alphabet of URL-safe base64. */
  token(chars: number): string {
    let text = ''
    while (text.length < chars) text += TOKEN[this.uint32() & 63]
    return text
  }

  /** Upper-case letters and digits, as in AWS identifiers. */
  code(chars: number): string {
    let text = ''
    while (text.length < chars) text += CODE[this.uint32() & 31]
    return text
  }
}

const TOKEN = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const CODE = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

function mix(value: number): number {
  let mixed = (value + 0x9e3779b9) | 0
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}
