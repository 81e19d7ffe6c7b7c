import type { Clock } from './clock.ts'

export interface Backoff {
  readonly firstMs: number
  readonly maxMs: number
}

/** Waiting time before attempt `attempt` (from 1): doubling, capped, with up to a half taken off by `random` (0..1). */
export function backoffMs(backoff: Backoff, attempt: number, random: number): number {
  const full = Math.min(backoff.maxMs, backoff.firstMs * 2 ** Math.min(attempt - 1, 30))
  return full - (full / 2) * random
}

/**
 * Calls `work` until it succeeds or the signal aborts; between attempts waits with backoff and tells `failed`.
 * Resolves to `undefined` when it was aborted.
 */
export async function retryForever<T>(
  work: () => Promise<T>,
  options: {
    readonly clock: Clock
    readonly signal: AbortSignal
    readonly backoff: Backoff
    readonly random: () => number
    readonly failed: (error: unknown, attempt: number) => void
  },
): Promise<T | undefined> {
  for (let attempt = 1; !options.signal.aborted; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (options.signal.aborted) return undefined
      options.failed(error, attempt)
      await options.clock.sleep(backoffMs(options.backoff, attempt, options.random()), options.signal)
    }
  }
  return undefined
}
