/** A CEF line, taken apart by the standard's rules and none of the encoder's code. */
export interface Cef {
  readonly version: string
  readonly vendor: string
  readonly product: string
  readonly deviceVersion: string
  readonly classId: string
  readonly name: string
  readonly severity: string
  readonly extension: Readonly<Record<string, string>>
}

export function parseCef(line: string): Cef {
  const { fields, rest } = header(line)
  const [
    version = '',
    vendor = '',
    product = '',
    deviceVersion = '',
    classId = '',
    name = '',
    severity = '',
  ] = fields
  if (!version.startsWith('CEF:')) throw new Error(`no CEF: ${line}`)
  const extension = extensions(rest)
  return { version: version.slice(4), vendor, product, deviceVersion, classId, name, severity, extension }
}

/** Seven fields, parted by bars that no backslash escapes; some senders leave out the last bar. */
function header(line: string): { fields: string[]; rest: string } {
  const fields: string[] = []
  let field = ''
  for (let at = 0; at < line.length; at++) {
    const character = line[at]!
    if (character === '\\' && (line[at + 1] === '\\' || line[at + 1] === '|')) {
      field += line[++at]
    } else if (character === '|') {
      fields.push(field)
      field = ''
      if (fields.length === 7) return { fields, rest: line.slice(at + 1) }
    } else {
      field += character
    }
  }
  return { fields: [...fields, field], rest: '' }
}

/** A key is a word before an equals sign that no backslash escapes, at the start or after a space. */
function extensions(text: string): Record<string, string> {
  const keys = [...text.matchAll(/(?:^| )([\w.[\]-]+)=/g)]
  const found: Record<string, string> = {}
  keys.forEach((key, i) => {
    const from = key.index + key[0].length
    const value = text.slice(from, keys[i + 1]?.index ?? text.length)
    if (key[1]! in found) throw new Error(`key ${key[1]} stands twice: ${text}`)
    found[key[1]!] = unescapeValue(value.trimEnd())
  })
  return found
}

function unescapeValue(value: string): string {
  return value.replaceAll(/\\(.)/g, (_, character: string) => {
    if (character === 'n') return '\n'
    return character === 'r' ? '\r' : character
  })
}
