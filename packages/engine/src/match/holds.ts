/** True where something stands: a list without entries is nothing. */
export function holds(value: unknown): boolean {
  if (value === undefined || value === null) return false
  return !Array.isArray(value) || value.length > 0
}
