import type { JsonObject } from '@weir/model'
import { timeIn } from './cef.ts'
import { javaTime } from './java-date.ts'
import type { StampContext } from './stamp.ts'

/** A LEEF message as it is written. */
export interface Leef {
  readonly version: string
  readonly vendor: string
  readonly product: string
  readonly deviceVersion: string
  readonly eventId: string
  readonly attributes: Readonly<Record<string, string>>
}

const START = /^LEEF: ?([12]\.\d)\|/
const TAB = '\t'

/** Reads a message from its `LEEF:` on; `undefined` when its header has fewer than five fields. */
export function parseLeef(text: string): Leef | undefined {
  const start = START.exec(text)
  if (start === null) return undefined
  const fields: string[] = []
  let at = start[0].length
  for (let bar = text.indexOf('|', at); fields.length < 4 && bar !== -1; bar = text.indexOf('|', at)) {
    fields.push(text.slice(at, bar).trim())
    at = bar + 1
  }
  if (fields.length < 4) return undefined
  const [vendor, product, deviceVersion, eventId] = fields as [string, string, string, string]
  const version = start[1] as string
  const { delimiter, from } = version === '1.0' ? { delimiter: TAB, from: at } : delimiterAt(text, at)
  const attributes = attributesOf(text.slice(from), delimiter)
  return { version, vendor, product, deviceVersion, eventId, attributes }
}

/** One character, or its code in hexadecimal; where neither stands before a bar, the attributes begin. */
function delimiterAt(text: string, at: number): { delimiter: string; from: number } {
  const bar = text.indexOf('|', at)
  const written = bar === -1 || bar - at > 6 ? undefined : text.slice(at, bar)
  if (written === '') return { delimiter: TAB, from: bar + 1 }
  // The bar itself may be the delimiter.
  if (written === undefined && text[at] === '|') return { delimiter: '|', from: at + 2 }
  if (written?.length === 1) return { delimiter: written, from: bar + 1 }
  const code = /^(?:0?x)([\da-f]{1,4})$/i.exec(written ?? '')
  if (code === null) return { delimiter: TAB, from: at }
  return { delimiter: String.fromCharCode(Number.parseInt(code[1] as string, 16)), from: bar + 1 }
}

/** Nothing is escaped; of a key that comes twice the first counts. A piece without a key belongs to the value before. */
function attributesOf(text: string, delimiter: string): Record<string, string> {
  const found = new Map<string, string>()
  let last: string | undefined
  for (const piece of text.split(delimiter)) {
    const pair = /^\s*([\w.[\]-]+)=/.exec(piece)
    if (pair === null) {
      if (last !== undefined && piece !== '') found.set(last, `${found.get(last)}${delimiter}${piece}`)
      continue
    }
    const key = pair[1] as string
    last = found.has(key) ? undefined : key
    if (last !== undefined) found.set(key, piece.slice(pair[0].length).trim())
  }
  return Object.fromEntries(found)
}

/** A LEEF message as a record's member, with its time as ISO 8601. */
export function leefMember(leef: Leef, context: StampContext): JsonObject {
  const { devTime, devTimeFormat } = leef.attributes
  const time =
    (devTime && devTimeFormat && javaTime(devTime, devTimeFormat, context)) || timeIn(devTime, context)
  return { ...leef, ...(typeof time === 'number' && { time: new Date(time).toISOString() }) }
}
