import { instantOf } from './instant.ts'

interface TimePart {
  readonly name: string
  readonly min: number
  readonly max: number
  readonly of: (date: Date) => number
}

const DAY_MS = 86_400_000

/** The parts of a time in UTC that a decorator gives; weeks are those of ISO 8601. */
export const TIME_PARTS: readonly TimePart[] = [
  { name: 'minute', min: 0, max: 59, of: (date) => date.getUTCMinutes() },
  { name: 'hour', min: 0, max: 23, of: (date) => date.getUTCHours() },
  { name: 'day', min: 1, max: 31, of: (date) => date.getUTCDate() },
  { name: 'week', min: 1, max: 53, of: weekOf },
  { name: 'month', min: 1, max: 12, of: (date) => date.getUTCMonth() + 1 },
  { name: 'year', min: 0, max: 9999, of: (date) => date.getUTCFullYear() },
]

/** The part of an ISO text or of epoch milliseconds; `undefined` for what is no time. */
export function partOf(part: TimePart, value: unknown): number | undefined {
  const instant = instantOf(value)
  return instant === undefined ? undefined : part.of(new Date(instant))
}

/** A week belongs to the year of its Thursday. */
function weekOf(date: Date): number {
  const weekday = (date.getUTCDay() + 6) % 7
  const thursday = new Date(date.getTime() + (3 - weekday) * DAY_MS)
  const newYear = Date.UTC(thursday.getUTCFullYear(), 0, 1)
  return 1 + Math.floor((thursday.getTime() - newYear) / (7 * DAY_MS))
}
