import { instantOf } from './instant.ts'

const FORM = /^([01]\d|2[0-3]):([0-5]\d)\s?-\s?(?:([01]\d|2[0-3]):([0-5]\d)|24:00)(?: (\S+))?$/
const DAY_MINUTES = 24 * 60

/**
 * Tests whether a time lies within hours of the day, from the first inclusive to the second exclusive: `22:00-06:00`
 * goes over midnight, `08:00-18:00 Europe/Stockholm` follows the clock there. Throws for what says no such hours.
 */
export function timeOfDayTest(value: unknown): (fact: unknown) => boolean {
  const found = typeof value === 'string' ? FORM.exec(value) : null
  if (found === null) throw new Error(`no hours of the day: ${JSON.stringify(value)}; write "22:00-06:00"`)
  const from = Number(found[1]) * 60 + Number(found[2])
  const to = found[3] === undefined ? DAY_MINUTES : Number(found[3]) * 60 + Number(found[4])
  if (from === to) throw new Error('these hours begin where they end: no time lies within them')
  const minuteOf = clockIn(found[5])
  return (fact) => {
    const instant = instantOf(fact)
    if (instant === undefined) return false
    const minute = minuteOf(instant)
    return from < to ? minute >= from && minute < to : minute >= from || minute < to
  }
}

/** Minute of the day that a clock in the zone shows; UTC without one. */
function clockIn(zone: string | undefined): (instant: number) => number {
  if (zone === undefined) return utcMinute
  const format = formatOf(zone)
  return (instant) => {
    const [hour, minute] = format.format(instant).split(':')
    return Number(hour) * 60 + Number(minute)
  }
}

function utcMinute(instant: number): number {
  const date = new Date(instant)
  return date.getUTCHours() * 60 + date.getUTCMinutes()
}

function formatOf(zone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    })
  } catch {
    throw new Error(`no time zone: ${JSON.stringify(zone)}; write one like Europe/Stockholm`)
  }
}
