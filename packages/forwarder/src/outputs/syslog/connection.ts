import type { Clock } from '@weir/runtime'
import type { Limits } from '../../limits.ts'
import type { SyslogConfig } from './config.ts'
import { openDatagrams } from './datagrams.ts'
import { openStream } from './stream.ts'
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

/** Connects, handshake included. Throws `WeirError` OUTPUT_FAILED. */
export function openSyslog(
  config: SyslogConfig,
  tools: ConnectionTools,
  signal: AbortSignal,
): Promise<SyslogConnection> {
  return config.transport === 'udp' ? openDatagrams(config, tools) : openStream(config, tools, signal)
}
