/** Dashes and hyphens that normalization writes as `-`. */
const DASHES = /[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]/g

/** The form in which folded ECS fields hold their text: lower case, hyphens, single spaces, no full stop at the end. */
export function folded(text: string): string {
  return foldedPart(text)
    .trimStart()
    .replace(/[. ]+$/, '')
}

/** The same for a piece of such a text: its ends may stand anywhere. */
export function foldedPart(text: string): string {
  return text.toLowerCase().replace(DASHES, '-').replace(/\s+/g, ' ')
}
