/** Standard Base64 of bytes. */
export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}

/**
 * What of bytes is surely to be seen in Base64 of a longer text, for each of the three places at which they can
 * begin: the characters at either end that share bits with their neighbours are left off.
 */
export function base64Offsets(bytes: Uint8Array): readonly string[] {
  return [0, 1, 2].map((shift) => {
    const shifted = new Uint8Array(shift + bytes.length)
    shifted.set(bytes, shift)
    const text = base64(shifted).replace(/=+$/, '')
    const whole = shifted.length % 3 === 0
    return text.slice([0, 2, 3][shift], whole ? undefined : -1)
  })
}

/** UTF-16, little or big end first, or with a byte order mark and little end first. */
export function utf16(text: string, form: 'le' | 'be' | 'bom'): Uint8Array {
  const little = Buffer.from(form === 'bom' ? `\ufeff${text}` : text, 'utf16le')
  return form === 'be' ? little.swap16() : little
}

/** Bytes as text, one character each. */
export function textOfBytes(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}
