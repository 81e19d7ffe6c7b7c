import { fromLocal, ZONE_NAMES } from './zone.ts'

/** What a stamp leaves open. */
export interface StampContext {
  /** Epoch milliseconds at which it came: a stamp without a year means the year that brings it nearest. */
  readonly arrival: number
  /** Zone of stamps that name none. */
  readonly zone: string
}

export interface Stamp {
  /** Epoch milliseconds; `undefined` for a day that no calendar has. */
  readonly time: number | undefined
  /** Index behind it. */
  readonly end: number
  /** It tells parts of a second, so that two equal lines are one line sent twice. */
  readonly fine: boolean
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const
const CLOCK = '(?<h>\\d{1,2}):(?<mi>\\d{2}):(?<s>\\d{2})(?:[.,](?<f>\\d{1,9}))?'
const OFFSET = '[+-]\\d{2}:?\\d{2}'
/** What may stand behind a stamp. */
const BEHIND = '(?=[ :]|$)'

const ISO = new RegExp(
  `(?<y>\\d{4})-(?<mo>\\d{2})-(?<d>\\d{2})[T ]${CLOCK}(?: ?(?<zone>Z|${OFFSET}))?${BEHIND}`,
  'y',
)
const MONTH = new RegExp(
  `(?:(?<y>\\d{4}) )?(?<mo>${MONTHS.join('|')}) {1,2}(?<d>\\d{1,2})(?: (?<y2>\\d{4}))? ${CLOCK}` +
    `(?: (?<y3>\\d{4})(?= |$))?(?: ?(?<zone>${ZONE_NAMES.join('|')}|${OFFSET})${BEHIND})?${BEHIND}`,
  'y',
)
const EPOCH = /(?<whole>\d{10})(?:(?<ms>\d{3})|\.(?<f>\d{1,9}))?(?= )/y

/** An epoch further from its arrival is a number of another kind at the beginning of a text. */
const EPOCH_AWAY_MS_MAX = 366 * 86_400_000

/**
 * The time that stands at this place, in the ways in which syslog, CEF and LEEF write it: ISO 8601, month first
 * with or without a year and a zone, epoch seconds or milliseconds. `undefined` where none does.
 */
export function stampAt(text: string, at: number, context: StampContext): Stamp | undefined {
  const first = text.charCodeAt(at)
  // A letter or a digit; most texts stop here.
  if (!(first >= 48 && first <= 57) && !(first >= 65 && first <= 90)) return undefined
  const iso = first <= 57 ? matchAt(ISO, text, at) : undefined
  if (iso !== undefined) return stampOf(iso, Number(iso.groups.mo), context)
  const month = matchAt(MONTH, text, at)
  if (month !== undefined) return stampOf(month, MONTHS.indexOf(month.groups.mo as 'Jan') + 1, context)
  const epoch = first <= 57 ? matchAt(EPOCH, text, at) : undefined
  return epoch === undefined ? undefined : epochStamp(epoch, context)
}

interface Found {
  readonly groups: Readonly<Record<string, string | undefined>>
  readonly end: number
}

function matchAt(pattern: RegExp, text: string, at: number): Found | undefined {
  pattern.lastIndex = at
  const found = pattern.exec(text)
  return found?.groups === undefined ? undefined : { groups: found.groups, end: at + found[0].length }
}

function stampOf({ groups, end }: Found, month: number, context: StampContext): Stamp {
  const { d, h, mi, s, f, zone = context.zone } = groups
  const day = Number(d) * 86_400_000
  const ms = Number((f ?? '').slice(0, 3).padEnd(3, '0'))
  const clock = ((Number(h) * 60 + Number(mi)) * 60 + Number(s)) * 1000 + ms
  const at = (year: number): number | undefined => {
    const valid = Number(h) < 24 && Number(mi) < 60 && Number(s) <= 60
    if (!valid || !hasDay(year, month, Number(d))) return undefined
    const local = Date.UTC(year, month - 1, 1) - 86_400_000 + day + clock
    return fromLocal(local, zone) ?? fromLocal(local, context.zone)
  }
  const year = groups.y ?? groups.y2 ?? groups.y3
  const time = year === undefined ? nearest(at, context.arrival) : at(Number(year))
  return { time, end, fine: f !== undefined }
}

function hasDay(year: number, month: number, day: number): boolean {
  return month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate()
}

/** A message of December that comes in January is of the year before, and the other way round. */
function nearest(at: (year: number) => number | undefined, arrival: number): number | undefined {
  const year = new Date(arrival).getUTCFullYear()
  const times = [at(year - 1), at(year), at(year + 1)].filter((time) => time !== undefined)
  const away = (time: number): number => Math.abs(time - arrival)
  return times.reduce<number | undefined>(
    (best, time) => (best === undefined || away(time) < away(best) ? time : best),
    undefined,
  )
}

function epochStamp({ groups, end }: Found, { arrival }: StampContext): Stamp | undefined {
  const { whole, ms, f } = groups
  const time = Number(whole) * 1000 + Number(ms ?? (f ?? '').slice(0, 3).padEnd(3, '0'))
  if (Math.abs(time - arrival) > EPOCH_AWAY_MS_MAX) return undefined
  return { time, end, fine: ms !== undefined || f !== undefined }
}
