import { cutBytes } from './text.ts'

/** One named value of an alert on its way into a line; `label` makes a custom key tell what it holds. */
export interface Field {
  readonly key: string
  readonly value: string
  readonly label?: string
}

/** What something that is too long gives up: parts, one after another, and then the ends of texts. */
export interface Sparing<T> {
  readonly parts: readonly ((of: T) => T)[]
  readonly texts: readonly SparingText<T>[]
}

/** A text within; without any of it, it is not there at all. */
export interface SparingText<T> {
  readonly read: (of: T) => string
  readonly write: (of: T, text: string) => T
}

/**
 * The line of as much as fits into `bytesMax` bytes of UTF-8. Throws a RangeError when even what is left at last
 * does not.
 */
export function fit<T>(
  whole: T,
  { parts, texts }: Sparing<T>,
  line: (of: T) => string,
  bytesMax: number,
): string {
  let rest = whole
  for (const without of [(of: T) => of, ...parts]) {
    rest = without(rest)
    const made = line(rest)
    if (Buffer.byteLength(made) <= bytesMax) return made
  }
  for (const text of texts) {
    const made = longest(text, rest, line, bytesMax)
    if (made !== undefined) return made
    rest = text.write(rest, '')
  }
  throw new RangeError(`the alert does not fit into ${bytesMax} bytes`)
}

/** Fields go by their keys, the first of them first. */
export function sparingFields(dropped: readonly string[], shortened: readonly string[]) {
  const sparing: Sparing<readonly Field[]> = {
    parts: dropped.map((key) => (fields) => fields.filter((field) => field.key !== key)),
    texts: shortened.map((key) => ({
      read: (fields) => fields.find((field) => field.key === key)?.value ?? '',
      write: (fields, text) =>
        fields
          .map((field) => (field.key === key ? { ...field, value: text } : field))
          .filter(({ value }) => value !== ''),
    })),
  }
  return sparing
}

/** Escapes make a text grow in its line, so a part of what is over is taken off until it fits. */
function longest<T>(
  { read, write }: SparingText<T>,
  of: T,
  line: (of: T) => string,
  bytesMax: number,
): string | undefined {
  for (let text = read(of); ; ) {
    const made = line(write(of, text))
    const over = Buffer.byteLength(made) - bytesMax
    if (over <= 0) return made
    if (text === '') return undefined
    const off = Math.max(1, Math.ceil(over / 2))
    text = cutBytes(text, Math.max(0, Buffer.byteLength(text) - off)).trimEnd()
  }
}
