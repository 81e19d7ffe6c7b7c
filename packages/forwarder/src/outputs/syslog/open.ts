import type { SyslogConfig } from './config.ts'
import type { ConnectionTools, SyslogConnection } from './connection.ts'
import { openDatagrams } from './datagrams.ts'
import { openStream } from './stream.ts'

/** Connects, handshake included. Throws `WeirError` OUTPUT_FAILED. */
export function openSyslog(
  config: SyslogConfig,
  tools: ConnectionTools,
  signal: AbortSignal,
): Promise<SyslogConnection> {
  return config.transport === 'udp' ? openDatagrams(config, tools) : openStream(config, tools, signal)
}
