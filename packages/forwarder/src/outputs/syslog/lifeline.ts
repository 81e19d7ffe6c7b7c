import { type Clock, WeirError } from '@weir/runtime'
import type { SyslogConfig } from './config.ts'

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
