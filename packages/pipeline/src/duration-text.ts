const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
]

/** `1h 20m` of milliseconds: the two largest units that say something, cut off behind them; `0s` below a second. */
export function durationText(ms: number): string {
  const first = UNITS.findIndex(([, unit]) => ms >= unit)
  if (first < 0) return '0s'
  let rest = ms
  const parts = UNITS.slice(first, first + 2).map(([name, unit]) => {
    const count = Math.floor(rest / unit)
    rest -= count * unit
    return { count, text: `${count}${name}` }
  })
  return parts
    .filter(({ count }) => count > 0)
    .map(({ text }) => text)
    .join(' ')
}
