import { createHash } from 'node:crypto'

/** JSON with sorted keys and without absent members: equal content gives equal text. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (inner instanceof Set) return [...inner].sort()
    if (inner instanceof Map) return Object.fromEntries([...inner].sort(([a], [b]) => (a < b ? -1 : 1)))
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}

/** Lower-case hexadecimal. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
