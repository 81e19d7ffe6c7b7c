import type { Clock } from '@weir/runtime'

/** The work's result, or a rejection when it takes longer than `ms`; the work itself goes on unobserved. */
export async function within<T>(clock: Clock, ms: number, what: string, work: Promise<T>): Promise<T> {
  const done = new AbortController()
  const late = clock.sleep(ms, done.signal).then((): never => {
    throw new Error(`${what} took longer than ${ms} ms`)
  })
  // Ends by rejecting too when the work was in time; nobody looks at it then.
  late.catch(() => undefined)
  try {
    return await Promise.race([work, late])
  } finally {
    done.abort()
  }
}
