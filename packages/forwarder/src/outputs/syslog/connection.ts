import { type Clock, WeirError } from '@weir/runtime'
import type { Limits } from '../../limits.ts'
import type { SyslogConfig } from './config.ts'
import type { Ending } from './window.ts'

export interface SyslogConnection {
  /**
   * Resolves when the kernel took all frames and the connection outlived that by the confirm time. May be called
   * again before that: frames go out in the order of the calls.
   */
  write(frames: readonly Buffer[], signal: AbortSignal): Promise<void>
  /** Resolves when the connection is gone. Never rejects. */
  readonly closed: Promise<Ending>
  end(withinMs: number): Promise<void>
}

export interface ConnectionTools {
  readonly clock: Clock
  readonly limits: Limits
}

/** What went wrong with a socket, for whoever learns of its end. */
export interface Failure {
  error: Error | undefined
}

/** The first of several, or `late` when none came in time or the signal aborted. */
export async function within<T>(
  clock: Clock,
  ms: number,
  signal: AbortSignal,
  several: readonly Promise<T>[],
): Promise<T | 'late'> {
  const done = new AbortController()
  const late = clock.sleep(ms, AbortSignal.any([signal, done.signal])).then(() => 'late' as const)
  try {
    return await Promise.race([...several, late])
  } finally {
    done.abort()
  }
}

export function failed(
  { name, host, port }: SyslogConfig,
  doing: string,
  { error: cause }: Failure,
): WeirError {
  const options = cause === undefined ? {} : { cause }
  return new WeirError('OUTPUT_FAILED', `${doing} ${host}:${port} for output ${name}`, options)
}
