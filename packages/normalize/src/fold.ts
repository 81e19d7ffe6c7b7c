/**
 * Brings words that producers spell differently to one spelling: lower case, hyphen for any dash, single
 * spaces, no trailing full stop. Folding twice changes nothing.
 */
export function fold(text: string): string {
  if (isFolded(text)) return text
  const plain = text.toLowerCase().replace(DASHES, '-').replace(/\s+/g, ' ')
  let end = plain.length
  while (end > 0 && (plain[end - 1] === '.' || plain[end - 1] === ' ')) end--
  return plain.slice(plain.startsWith(' ') ? 1 : 0, end)
}

/** Hyphens, dashes, minus and their full-width and small forms. */
const DASHES = /[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]/g

/** True for plain lower-case ASCII that needs nothing: most action names seen twice. */
function isFolded(text: string): boolean {
  let before = 32
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > 126 || code < 32 || (code >= 65 && code <= 90) || (code === 32 && before === 32)) return false
    before = code
  }
  return before !== 32 && before !== 46
}
