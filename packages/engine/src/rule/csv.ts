/** A quote that is never closed would swallow all rows behind it. */
export class CsvError extends Error {
  readonly at: number

  constructor(at: number) {
    super('a quote is never closed')
    this.at = at
  }
}

/**
 * Rows of comma-separated values (RFC 4180): fields in double quotes may hold commas, line ends and doubled quotes.
 * Throws `CsvError` where a quote is never closed.
 */
export function* csvRows(text: string): Generator<readonly string[]> {
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0
  while (at < text.length) {
    const row: string[] = []
    let more = true
    while (more) {
      const { value, end } = text[at] === '"' ? quoted(text, at) : bare(text, at)
      row.push(value)
      more = text[end] === ','
      at = end + 1
      if (text[end] === '\r' && text[at] === '\n') at++
    }
    yield row
  }
}

interface Field {
  readonly value: string
  /** Where the comma or the line end behind it is, or the end of the text. */
  readonly end: number
}

function bare(text: string, at: number): Field {
  let end = at
  while (end < text.length && !ENDS.includes(text[end]!)) end++
  return { value: text.slice(at, end), end }
}

const ENDS = ',\r\n'

function quoted(text: string, at: number): Field {
  const parts: string[] = []
  let from = at + 1
  for (;;) {
    const quote = text.indexOf('"', from)
    if (quote < 0) throw new CsvError(at)
    parts.push(text.slice(from, quote))
    if (text[quote + 1] !== '"') {
      const rest = bare(text, quote + 1)
      return { value: parts.join('"') + rest.value, end: rest.end }
    }
    from = quote + 2
  }
}
