/** A LEEF line, taken apart by IBM's description and none of the encoder's code. */
export interface Leef {
  readonly version: string
  readonly eventId: string
  readonly attributes: Readonly<Record<string, string>>
}

export function parseLeef(line: string): Leef {
  const [version = '', , , , eventId = '', ...rest] = line.split('|')
  if (version === 'LEEF:1.0') return { version, eventId, attributes: attributesOf(rest.join('|'), '\t') }
  if (version !== 'LEEF:2.0') throw new Error(`no LEEF: ${line}`)
  const [delimiter = '', ...attributes] = rest
  return { version, eventId, attributes: attributesOf(attributes.join('|'), characterOf(delimiter)) }
}

function characterOf(named: string): string {
  const code = /^0?x([0-9a-f]{1,4})$/i.exec(named)?.[1]
  if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16))
  return named === '' ? '\t' : named
}

function attributesOf(text: string, delimiter: string): Record<string, string> {
  const found: Record<string, string> = {}
  for (const pair of text.split(delimiter)) {
    const equals = pair.indexOf('=')
    const key = pair.slice(0, equals)
    if (equals < 1 || key in found) throw new Error(`key ${key} stands twice, or none: ${text}`)
    found[key] = pair.slice(equals + 1)
  }
  return found
}
