/** Words of 32 bits in a fingerprint. */
export const FINGERPRINT_WORDS = 4

/**
 * Writes the 128-bit fingerprint of a text to `out`: HalfSipHash's round over pairs of UTF-16 units, with a secret
 * of 128 bits, and its whole state for a result. Who does not know the secret cannot make two texts that share one.
 */
export function fingerprint(text: string, secret: Int32Array, out: Int32Array): void {
  let a = secret[0]!
  let b = secret[1]!
  let c = secret[2]! ^ 0x6c796765
  let d = secret[3]! ^ 0x74656462
  const pairs = text.length >> 1
  // A word for each pair, one for what is left and the length, and three that only mix.
  for (let at = 0; at < pairs + 4; at++) {
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
  out[0] = a
  out[1] = b
  out[2] = c
  out[3] = d
}

function pairAt(text: string, pair: number): number {
  return text.charCodeAt(2 * pair) | (text.charCodeAt(2 * pair + 1) << 16)
}

/** The odd unit at the end, if there is one, and the length, so that no text is another's beginning. */
function lastOf(text: string): number {
  const odd = text.length & 1 ? text.charCodeAt(text.length - 1) : 0
  return odd | (text.length << 16)
}
