/** Damage that a tolerant reader can mend, as services are known to do it. */
export const REPAIRABLE = ['raw-newline', 'single-quotes', 'trailing-comma', 'blob-data'] as const

/** Damage that leaves no record: within a list of others, and for a line of a blob. */
const UNREADABLE = ['bare-word', 'half-line'] as const

export type SpoilKind = (typeof REPAIRABLE)[number] | (typeof UNREADABLE)[number]

/** The JSON text of a record, damaged. It must have `properties`, and for `raw-newline` an escaped line break. */
export function spoil(json: string, kind: SpoilKind): string {
  switch (kind) {
    case 'raw-newline':
      return json.replaceAll('\\n', '\n')
    case 'single-quotes':
      return withProperties(json, (properties) => properties.replaceAll('"', "'"))
    case 'trailing-comma':
      return `${json.slice(0, -1)},}`
    case 'blob-data':
      return withProperties(json, () => '[227 B blob data]')
    case 'bare-word':
      return withProperties(json, () => 'undefined')
    case 'half-line':
      return json.slice(0, Math.floor(json.length * 0.6))
    default:
      return kind satisfies never
  }
}

/** Its last member, which `properties` is in the records that are spoiled so. */
function withProperties(json: string, change: (properties: string) => string): string {
  const from = json.indexOf('"properties":') + '"properties":'.length
  return `${json.slice(0, from)}${change(json.slice(from, -1))}}`
}
