/** Whoever wrote the record must not steer the terminal of who reads it: what is no plain character is a dot. */
export function printable(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}\uFFFD]/gu, '.')
}
