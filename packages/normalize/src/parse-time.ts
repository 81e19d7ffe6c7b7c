/**
 * Epoch milliseconds of a time as providers write it: ISO 8601 with `Z`, an offset or none (then UTC) and any
 * number of fraction digits; month-first dates with a 24-hour or AM/PM clock; epoch seconds, milliseconds,
 * microseconds or nanoseconds, told apart by their size. `undefined` for anything else.
 */
export function parseTime(value: unknown): number | undefined {
  if (typeof value === 'string') return fromIsoZ(value) ?? fromText(value.trim())
  if (typeof value === 'number') return fromEpoch(value)
  return undefined
}

/** `2026-01-02T03:04:05.1234567Z`, by far the commonest, without a regular expression. */
function fromIsoZ(text: string): number | undefined {
  const last = text.length - 1
  if (last < 19 || text.charCodeAt(last) !== 90 || text.charCodeAt(10) !== 84) return undefined
  if (text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45) return undefined
  if (text.charCodeAt(13) !== 58 || text.charCodeAt(16) !== 58) return undefined
  const ms = last === 19 ? 0 : text.charCodeAt(19) === 46 ? fraction(text, 20, last) : -1
  const year = digits(text, 0, 4)
  const month = digits(text, 5, 7)
  const day = digits(text, 8, 10)
  const time = clock(digits(text, 11, 13), digits(text, 14, 16), digits(text, 17, 19))
  return ms < 0 || time === undefined ? undefined : instant(year, month, day, time + ms)
}

/** The number written by the characters from `from` to `to`, or -1. */
function digits(text: string, from: number, to: number): number {
  let number = 0
  for (let i = from; i < to; i++) {
    const digit = text.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) return -1
    number = number * 10 + digit
  }
  return number
}

/** Milliseconds of a fraction of a second, cut off behind the third digit; -1 when it is none. */
function fraction(text: string, from: number, to: number): number {
  if (to <= from || digits(text, from, to) === -1) return -1
  const shown = Math.min(to, from + 3)
  return digits(text, from, shown) * 10 ** (3 - (shown - from))
}

/** Milliseconds of day; a 60th second is a leap second. */
function clock(hour: number, minute: number, second: number): number | undefined {
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return undefined
  return ((hour * 60 + minute) * 60 + second) * 1000
}

function instant(year: number, month: number, day: number, ms: number): number | undefined {
  if (year < 0 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined
  return daysBefore(year, month) * DAY_MS + (day - 1) * DAY_MS + ms
}

const DAY_MS = 86_400_000

/** Days from 1970 to the first of a month; the year counts from March, so that the leap day is its last. */
function daysBefore(year: number, month: number): number {
  const from = month > 2 ? year : year - 1
  const months = month > 2 ? month - 3 : month + 9
  const leaps = Math.floor(from / 4) - Math.floor(from / 100) + Math.floor(from / 400)
  return 365 * from + leaps + Math.floor((153 * months + 2) / 5) - 719_468
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

function daysIn(year: number, month: number): number {
  if (month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)) return 29
  return DAYS[month - 1] as number
}

function fromText(text: string): number | undefined {
  const iso = ISO.exec(text)
  if (iso?.groups) return fromGroups(iso.groups)
  const monthFirst = MONTH_FIRST.exec(text)
  if (monthFirst?.groups) return fromGroups(monthFirst.groups)
  return /^\d{9,19}(?:\.\d+)?$/.test(text) ? fromEpoch(Number(text)) : undefined
}

const CLOCK = '(?<h>\\d{1,2}):(?<mi>\\d{2})(?::(?<s>\\d{2})(?:[.,](?<f>\\d+))?)?'
const ZONE = '\\s*(?<zone>[Zz]|UTC|GMT|[+-]\\d{2}:?\\d{2})?'
const ISO = new RegExp(`^(?<y>\\d{4})-(?<mo>\\d{2})-(?<d>\\d{2})(?:[Tt ]\\s*${CLOCK}${ZONE})?$`)
const MONTH_FIRST = new RegExp(
  `^(?<mo>\\d{1,2})/(?<d>\\d{1,2})/(?<y>\\d{4})(?:,?\\s+${CLOCK}(?:\\s*(?<half>[AaPp][Mm]))?${ZONE})?$`,
)

type Groups = Readonly<Record<string, string | undefined>>

function fromGroups(groups: Groups): number | undefined {
  const hour = hourOf(Number(groups.h ?? 0), groups.half)
  const time = clock(hour, Number(groups.mi ?? 0), Number(groups.s ?? 0))
  if (time === undefined) return undefined
  const ms = groups.f === undefined ? 0 : fraction(groups.f, 0, groups.f.length)
  return instant(Number(groups.y), Number(groups.mo), Number(groups.d), time + ms - offsetOf(groups.zone))
}

/** Hour of 24; -1 when the half of the day does not fit it. */
function hourOf(hour: number, half: string | undefined): number {
  if (half === undefined) return hour
  if (hour < 1 || hour > 12) return -1
  return (hour % 12) + (half.toLowerCase() === 'pm' ? 12 : 0)
}

/** Milliseconds by which a zone is ahead of UTC. */
function offsetOf(zone: string | undefined): number {
  const found = /^([+-])(\d{2}):?(\d{2})$/.exec(zone ?? '')
  if (found === null) return 0
  const minutes = Number(found[2]) * 60 + Number(found[3])
  return (found[1] === '-' ? -minutes : minutes) * 60_000
}

/** Up to 1e11 a number is seconds (the year 5138), up to 1e14 milliseconds, and so on by thousands. */
function fromEpoch(value: number): number | undefined {
  if (!Number.isFinite(value) || value <= 0) return undefined
  if (value < 1e11) return Math.trunc(value * 1000)
  if (value < 1e14) return Math.trunc(value)
  if (value < 1e17) return Math.trunc(value / 1e3)
  return value < 1e20 ? Math.trunc(value / 1e6) : undefined
}
