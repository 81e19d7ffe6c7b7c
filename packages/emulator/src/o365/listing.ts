import { type RestReply, refusal } from '../entra/guarded-server.ts'

const DAY_MS = 86_400_000
const TIME = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?)?$/

/** The stretch of time that a listing asks for, or the refusal of one that the service does not take. */
export function spanOf(query: URLSearchParams, now: number): { from: number; to: number } | RestReply {
  const start = query.get('startTime')
  const end = query.get('endTime')
  if (start === null && end === null) return { from: now - DAY_MS, to: now }
  if (start === null || end === null) return refusal(400, 'AF20030')
  const [from, to] = [timeOf(start), timeOf(end)]
  if (Number.isNaN(from + to)) return refusal(400, 'AF20002')
  const fits = from <= to && to - from <= DAY_MS && from >= now - 7 * DAY_MS
  return fits ? { from, to } : refusal(400, 'AF20030')
}

/** UTC, to the day, the minute or the second. */
function timeOf(text: string): number {
  if (!TIME.test(text)) return Number.NaN
  return Date.parse(text.length === 10 ? text : `${text}Z`)
}
