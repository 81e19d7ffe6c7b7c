import { size } from '@weir/runtime'
import { InvalidArgumentError } from 'commander'

/** A time as people write it, as ISO 8601. */
export function timeOption(text: string): string {
  const at = /^\d{11,14}$/.test(text) ? Number(text) : Date.parse(utcOf(text))
  if (Number.isFinite(at)) return new Date(at).toISOString()
  throw new InvalidArgumentError('Write 2026-03-01, 2026-03-01T12:00:00Z or epoch milliseconds.')
}

/** A time of day without a zone would mean the zone of this machine; here it means UTC. */
function utcOf(text: string): string {
  return /T.*\d$/.test(text) && !/[+-]\d\d:?\d\d$/.test(text) ? `${text}Z` : text
}

export function wholeOption(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Write a whole number above 0.')
}

/** Bytes: a whole number, or a size as configurations have it. */
export function bytesOption(text: string): number {
  const bytes = /^\d{1,15}$/.test(text) ? Number(text) : (size.safeParse(text).data ?? 0)
  if (bytes >= 1) return bytes
  throw new InvalidArgumentError('Write bytes above 0, as 5000000 or 5MB.')
}

/** For an option that may be given several times. */
export function repeated(text: string, had: readonly string[] = []): readonly string[] {
  return [...had, text]
}
