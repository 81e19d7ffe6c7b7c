import type { Random } from './random.ts'

export const MINUTE_MS = 60_000
export const HOUR_MS = 3_600_000

/** As Azure writes it: seven digits behind the second. */
export function azureTime(ms: number, random: Random): string {
  return `${new Date(ms).toISOString().slice(0, -1)}${String(random.between(0, 9_999)).padStart(4, '0')}Z`
}

/** To the second, as CloudTrail writes it. */
export function secondsTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}

/** To the second and without a zone, as the unified audit writes it. */
export function zonelessTime(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19)
}

/** As function apps write it: `MM/DD/YYYY HH:mm:ss`. */
export function americanTime(ms: number): string {
  const [date, time] = new Date(ms).toISOString().slice(0, 19).split('T')
  const [year, month, day] = date!.split('-')
  return `${month}/${day}/${year} ${time}`
}

/** The folder of the hour that a time lies in, as the platform names it in blob paths. */
export function hourFolder(ms: number): string {
  const iso = new Date(ms).toISOString()
  return `y=${iso.slice(0, 4)}/m=${iso.slice(5, 7)}/d=${iso.slice(8, 10)}/h=${iso.slice(11, 13)}/m=00`
}
