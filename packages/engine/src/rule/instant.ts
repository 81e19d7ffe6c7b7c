/** `2026-01-02`, with or without a time of day, a fraction and a zone; also in lower case, as `fold` leaves it. */
const ISO = /^(\d{4}-\d\d-\d\d)(?:[t ](\d\d:\d\d)(?::(\d\d)(?:[.,](\d+))?)?\s?(z|utc|[+-]\d\d:?\d\d)?)?$/i

/** Milliseconds from 1970 that a date can hold. */
const dateMsMax = 8.64e15

/** Epoch milliseconds of an ISO 8601 text (UTC where it names no zone) or of a number that is just that. */
export function instantOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Math.abs(value) <= dateMsMax ? value : undefined
  const found = typeof value === 'string' ? ISO.exec(value) : null
  if (found === null) return undefined
  const [, day, clock = '00:00', second = '00', fraction = '0', zone] = found
  const ms = Date.parse(`${day}T${clock}:${second}.${fraction.slice(0, 3)}${offsetOf(zone)}`)
  return Number.isNaN(ms) ? undefined : ms
}

function offsetOf(zone: string | undefined): string {
  if (zone === undefined || !/^[+-]/.test(zone)) return 'Z'
  return zone.includes(':') ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`
}
