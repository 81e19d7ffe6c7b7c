/** Control characters other than line ends have no place in CEF; they become spaces. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
const CONTROLS = /[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f]/g

/** A header field: no line ends at all, backslash and bar escaped. */
export function escapeHeader(text: string): string {
  return clean(text)
    .replaceAll(/[\r\n]+/g, ' ')
    .replaceAll(/[\\|]/g, '\\$&')
}

/** An extension value: backslash and equals sign escaped, line ends as two characters. */
export function escapeValue(text: string): string {
  return clean(text).replaceAll(/[\\=]/g, '\\$&').replaceAll('\r', '\\r').replaceAll('\n', '\\n')
}

/** Spaces at the ends are unreliable in CEF; half a surrogate pair is no UTF-8. */
export function clean(text: string): string {
  return text.toWellFormed().replaceAll(CONTROLS, ' ').trim()
}

/** A whole line of seven header fields, of which the first is `CEF:0`, and pairs of key and value. */
export function renderCef(header: readonly string[], pairs: readonly (readonly [string, string])[]): string {
  const extension = pairs.map(([key, value]) => `${key}=${escapeValue(value)}`).join(' ')
  return `CEF:0|${header.map(escapeHeader).join('|')}|${extension}`
}
