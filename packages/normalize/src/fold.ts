/**
 * Brings words that producers spell differently to one spelling: lower case, hyphen for any dash, single
 * spaces, no trailing full stop. Folding twice changes nothing.
 */
export function fold(text: string): string {
  const spelling = spellingOf(text)
  if (spelling === 'folded') return text
  return spelling === 'upper' ? text.toLowerCase() : folded(text)
}

/**
 * Plain ASCII that needs nothing, or nothing but lower case: nearly all names and actions. One look at each
 * letter costs less than a regular expression that finds nothing.
 */
function spellingOf(text: string): 'folded' | 'upper' | 'other' {
  let upper = false
  let before = 32
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > 126 || code < 32 || (code === 32 && before === 32)) return 'other'
    if (code >= 65 && code <= 90) upper = true
    before = code
  }
  if (before === 32 || before === 46) return 'other'
  return upper ? 'upper' : 'folded'
}

function folded(text: string): string {
  const plain = text.toLowerCase().replace(DASHES, '-').replace(/\s+/g, ' ')
  let end = plain.length
  while (end > 0 && (plain[end - 1] === '.' || plain[end - 1] === ' ')) end--
  return plain.slice(plain.startsWith(' ') ? 1 : 0, end)
}

/** Hyphens, dashes, minus and their full-width and small forms. */
const DASHES = /[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]/g
