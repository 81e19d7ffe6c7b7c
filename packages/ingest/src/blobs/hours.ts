import { HOUR_MS } from '../durations.ts'

/** Start of the hour that a time lies in; epoch milliseconds, UTC. */
export function hourStart(time: number): number {
  return time - (time % HOUR_MS)
}

/** The days, newest first, that hold the hours from `from` to `to`; one time within each. */
export function daysBetween(from: number, to: number): number[] {
  const days: number[] = []
  const day = 24 * HOUR_MS
  for (let time = to - (to % day); time > from - day; time -= day) days.push(time)
  return days
}
