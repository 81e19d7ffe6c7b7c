/** Control characters other than line ends have no place in CEF; they become spaces. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
const CONTROLS = /[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f]/g

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '=': '\\=', '\r': '\\r', '\n': '\\n' }

/** A line of CEF 0 from the six fields of its header behind the version, and pairs of key and clean value. */
export function renderCef(header: readonly string[], pairs: readonly (readonly [string, string])[]): string {
  const extension = pairs.map(([key, value]) => `${key}=${escapeValue(value)}`).join(' ')
  return `CEF:0|${header.map(escapeHeader).join('|')}|${extension}`
}

/** A header field: no line ends at all, backslash and bar escaped. */
function escapeHeader(text: string): string {
  return clean(text)
    .replaceAll(/[\r\n]+/g, ' ')
    .replaceAll(/[\\|]/g, '\\$&')
}

/** An extension value that is clean: backslash and equals sign escaped, line ends as two characters. */
function escapeValue(text: string): string {
  return text.replace(/[\\=\r\n]/g, (character) => ESCAPES[character]!)
}

/** Spaces at the ends are unreliable in CEF; half a surrogate pair is no UTF-8. */
export function clean(text: string): string {
  return text.toWellFormed().replace(CONTROLS, ' ').trim()
}
