export const HOUR_MS = 3_600_000

const HOUR_IN_NAME = /(?:^|\/)y=(\d{4})\/m=(\d{2})\/d=(\d{2})\/h=(\d{2})\//

/** Start of the hour that a time lies in; epoch milliseconds, UTC. */
export function hourStart(time: number): number {
  return time - (time % HOUR_MS)
}

/** The folder of one hour of one resource, as the platform names it; the minute is always 00. */
export function hourPrefix(resource: string, time: number): string {
  const hour = new Date(time).toISOString().slice(11, 13)
  return `${dayPrefix(resource, time)}h=${hour}/m=00/`
}

export function dayPrefix(resource: string, time: number): string {
  const [year, month, day] = new Date(time).toISOString().slice(0, 10).split('-')
  return `${resource}y=${year}/m=${month}/d=${day}/`
}

/** The days, newest first, that hold the hours from `from` to `to`; one time within each. */
export function daysBetween(from: number, to: number): number[] {
  const days: number[] = []
  const day = 24 * HOUR_MS
  for (let time = to - (to % day); time > from - day; time -= day) days.push(time)
  return days
}

/** Start of the hour that a blob's name tells; `undefined` when it tells none. */
export function hourOf(name: string): number | undefined {
  const parts = HOUR_IN_NAME.exec(name)
  if (parts === null) return undefined
  return Date.UTC(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3]), Number(parts[4]))
}
