/** Zone abbreviations that devices write and that mean one thing where they are written; minutes ahead of UTC. */
const NAMED: ReadonlyMap<string, number> = new Map([
  ['Z', 0],
  ['UTC', 0],
  ['GMT', 0],
  ['WET', 0],
  ['WEST', 60],
  ['CET', 60],
  ['CEST', 120],
  ['EET', 120],
  ['EEST', 180],
  ['MSK', 180],
  ['JST', 540],
  ['AEST', 600],
  ['AEDT', 660],
  ['EST', -300],
  ['EDT', -240],
  ['CST', -360],
  ['CDT', -300],
  ['MST', -420],
  ['MDT', -360],
  ['PST', -480],
  ['PDT', -420],
])

export const ZONE_NAMES: readonly string[] = [...NAMED.keys()]

/** Answers remembered; a full memory starts anew, which only costs time. */
const REMEMBERED_MAX = 10_000
const HOUR_MS = 3_600_000

const remembered = new Map<string, number | undefined>()

/**
 * Epoch milliseconds of a local time, itself given as if it were UTC. The zone is an abbreviation, an offset
 * (`+0200`) or an IANA name; of an hour that a clock change repeats, the earlier. `undefined` for an unknown zone.
 */
export function fromLocal(local: number, zone: string): number | undefined {
  const fixed = NAMED.get(zone) ?? minutesOf(zone)
  if (fixed !== undefined) return local - fixed * 60_000
  const near = ahead(zone, local)
  const exact = near === undefined ? undefined : ahead(zone, local - near)
  return exact === undefined ? undefined : local - exact
}

function minutesOf(zone: string): number | undefined {
  const found = /^(?:GMT|UTC)?([+-])(\d{1,2}):?(\d{2})$/.exec(zone)
  if (found === null) return undefined
  const minutes = Number(found[2]) * 60 + Number(found[3])
  return found[1] === '-' ? -minutes : minutes
}

/** Milliseconds by which a zone is ahead of UTC at an instant; looked up once an hour of log. */
function ahead(zone: string, at: number): number | undefined {
  const hour = Math.floor(at / HOUR_MS)
  const key = `${hour} ${zone}`
  if (remembered.has(key)) return remembered.get(key)
  if (remembered.size >= REMEMBERED_MAX) remembered.clear()
  const found = lookUp(zone, hour * HOUR_MS)
  remembered.set(key, found)
  return found
}

function lookUp(timeZone: string, at: number): number | undefined {
  try {
    const parts = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' }).formatToParts(at)
    const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? ''
    const minutes = name === 'GMT' ? 0 : minutesOf(name)
    return minutes === undefined ? undefined : minutes * 60_000
  } catch {
    return undefined
  }
}
