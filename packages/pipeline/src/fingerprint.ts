import { randomFillSync } from 'node:crypto'
import type { RepeatKey } from '@weir/normalize'

/** Words of 32 bits in the secret. */
export const SECRET_WORDS = 4

/** Words of 32 bits in a fingerprint. */
export const FINGERPRINT_WORDS = 2

const sip = new Int32Array(4)

/**
 * Writes the 64-bit fingerprint of a key to `out`: HalfSipHash's round over pairs of UTF-16 units, with a secret
 * of 128 bits. Who does not know the secret cannot make two that share one; by chance one shares it with some of a
 * million others once in eighteen trillion times.
 */
export function fingerprint(key: RepeatKey, secret: Int32Array, out: Int32Array, at: number): void {
  sip[0] = secret[0]!
  sip[1] = secret[1]!
  sip[2] = secret[2]! ^ 0x6c796765
  sip[3] = secret[3]! ^ 0x74656462
  // One by one, because texts that are joined first have to be copied.
  absorb(key.dataset, 0)
  absorb(key.id, 0)
  absorb(key.state, 3)
  out[at] = sip[0]! ^ sip[2]!
  out[at + 1] = sip[1]! ^ sip[3]!
}

/** A word for each pair, one for what is left and the length, and so many that only mix. */
function absorb(text: string, more: number): void {
  let a = sip[0]!
  let b = sip[1]!
  let c = sip[2]!
  let d = sip[3]!
  const pairs = text.length >> 1
  for (let at = 0; at <= pairs + more; at++) {
    const word = at < pairs ? pairAt(text, at) : at === pairs ? lastOf(text) : 0
    if (at === pairs + 1) c ^= 0xff
    d ^= word
    a = (a + b) | 0
    b = ((b << 5) | (b >>> 27)) ^ a
    a = (a << 16) | (a >>> 16)
    c = (c + d) | 0
    d = ((d << 8) | (d >>> 24)) ^ c
    a = (a + d) | 0
    d = ((d << 7) | (d >>> 25)) ^ a
    c = (c + b) | 0
    b = ((b << 13) | (b >>> 19)) ^ c
    c = (c << 16) | (c >>> 16)
    a ^= word
  }
  sip[0] = a
  sip[1] = b
  sip[2] = c
  sip[3] = d
}

/** A hash of texts, 32 bits of their fingerprint, under a secret of its own. */
export function secretHash(): (text: string) => number {
  // Of this process alone, and never shown, as with repeats.
  const secret = randomFillSync(new Int32Array(SECRET_WORDS))
  const print = new Int32Array(FINGERPRINT_WORDS)
  return (id) => {
    fingerprint({ dataset: '', id, state: '' }, secret, print, 0)
    return print[0]!
  }
}

function pairAt(text: string, pair: number): number {
  return text.charCodeAt(2 * pair) | (text.charCodeAt(2 * pair + 1) << 16)
}

/** The odd unit at the end, if there is one, and the length, so that no text is another's beginning. */
function lastOf(text: string): number {
  const odd = text.length & 1 ? text.charCodeAt(text.length - 1) : 0
  return odd | (text.length << 16)
}
