const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds of `30s`, `10m`, `2h` or `1d`; `undefined` when the text is none of these or is zero. */
export function durationMs(text: string): number | undefined {
  const found = /^(\d{1,9})([smhd])$/.exec(text)
  if (found === null) return undefined
  const ms = Number(found[1]) * UNITS_MS[found[2]!]!
  return ms > 0 ? ms : undefined
}
