/** A CEF event as a receiver reads it; values are unescaped. */
export interface CefEvent {
  readonly version: number
  readonly vendor: string
  readonly product: string
  readonly deviceVersion: string
  readonly classId: string
  readonly name: string
  readonly severity: string
  readonly extension: Readonly<Record<string, string>>
  /** Custom fields by their label: `cs1=x cs1Label=tenant` gives `tenant: x`. */
  readonly labels: Readonly<Record<string, string>>
}

const HEADER_FIELDS = 7

/** Reads CEF from the place where it begins in a message; `undefined` when there is none or it is broken. */
export function parseCef(message: string): CefEvent | undefined {
  const start = /(?:^| )CEF:(?=\d+\|)/.exec(message)
  if (start === null) return undefined
  const parts = headerParts(message.slice(start.index + start[0].length))
  if (parts === undefined) return undefined
  const [version, vendor, product, deviceVersion, classId, name, severity] = parts.fields.map(unescapeHeader)
  const extension = parseExtension(parts.extension)
  if (extension === undefined) return undefined
  return {
    version: Number(version),
    vendor: vendor!,
    product: product!,
    deviceVersion: deviceVersion!,
    classId: classId!,
    name: name!,
    severity: severity!,
    extension,
    labels: labelled(extension),
  }
}

/** Splits at the first seven pipes that no backslash escapes. */
function headerParts(text: string): { fields: string[]; extension: string } | undefined {
  const fields: string[] = []
  let from = 0
  for (let at = 0; at < text.length && fields.length < HEADER_FIELDS; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '|') {
      fields.push(text.slice(from, at))
      from = at + 1
    }
  }
  return fields.length === HEADER_FIELDS ? { fields, extension: text.slice(from) } : undefined
}

function unescapeHeader(field: string): string {
  return field.replace(/\\([\\|])/g, '$1')
}

/** A key is a word before an unescaped equals sign; its value runs up to the space before the next key. */
function parseExtension(text: string): Record<string, string> | undefined {
  const found = [...text.matchAll(/(?:^|(?<= ))([\w.[\]-]+)=/g)]
  if (found.length === 0) return text.trim() === '' ? {} : undefined
  const extension: Record<string, string> = {}
  for (const [order, key] of found.entries()) {
    const end = found[order + 1]?.index ?? text.length
    extension[key[1]!] = unescapeValue(text.slice(key.index + key[0].length, end).trim())
  }
  return extension
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', '=': '=', '\\': '\\' }

function unescapeValue(value: string): string {
  return value.replace(/\\([nr=\\])/g, (_, code: string) => ESCAPES[code]!)
}

function labelled(extension: Readonly<Record<string, string>>): Record<string, string> {
  const labels: Record<string, string> = {}
  for (const [key, label] of Object.entries(extension)) {
    const value = key.endsWith('Label') ? extension[key.slice(0, -'Label'.length)] : undefined
    if (value !== undefined) labels[label] = value
  }
  return labels
}
