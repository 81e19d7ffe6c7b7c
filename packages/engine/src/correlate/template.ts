const HOLE = /\{\{\s*([^{}]*?)\s*\}\}/g

/** What stands where a message names something that is not there, or that nobody knows. */
const MISSING = '-'

/**
 * Fills the holes of a message: `{{source.ip}}`, `{{count}}`, `{{group.user.name}}`. A name is looked up whole; a
 * list is joined by commas; what is missing, null or empty reads `-`. Values are put in as they are, never read again.
 */
export function renderMessage(template: string, values: Readonly<Record<string, unknown>>): string {
  return template.replace(HOLE, (_, name: string) =>
    Object.hasOwn(values, name) ? textOf(values[name]) : MISSING,
  )
}

function textOf(value: unknown): string {
  if (value === undefined || value === null || value === '') return MISSING
  if (Array.isArray(value)) return value.length === 0 ? MISSING : value.map(textOf).join(', ')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
