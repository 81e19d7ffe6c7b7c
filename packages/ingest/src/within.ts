import type { Clock } from '@weir/runtime'

/** The other side did not answer in the time that it was given. */
export class TookTooLong extends Error {
  override readonly name = 'TookTooLong'
}

/** The work's result, or `TookTooLong` when it takes longer than `ms`; the work itself goes on unobserved. */
export async function within<T>(clock: Clock, ms: number, what: string, work: Promise<T>): Promise<T> {
  const done = new AbortController()
  const late = clock.sleep(ms, done.signal).then((): never => {
    throw new TookTooLong(`${what} took longer than ${ms} ms`)
  })
  // Ends by rejecting too when the work was in time; nobody looks at it then.
  late.catch(() => undefined)
  try {
    return await Promise.race([work, late])
  } finally {
    done.abort()
  }
}

/** The work's result; rejects with the signal's reason as soon as it aborts, and the work itself goes on unobserved. */
export async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const gone = Promise.withResolvers<never>()
  const stop = (): void => gone.reject(signal.reason)
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await Promise.race([gone.promise, work])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
