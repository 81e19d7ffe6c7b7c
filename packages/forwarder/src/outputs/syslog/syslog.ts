import type { Socket } from 'node:net'
import { LIMITS } from '../../limits.ts'
import { outputType } from '../output-type.ts'
import { type SyslogConfig, syslogConfig } from './config.ts'
import { dialSyslog } from './connection.ts'
import { SyslogOutput } from './send.ts'

export const SYSLOG = outputType({
  schema: syslogConfig,
  open: (config, tools) => new SyslogOutput(config, tools),
  check: reachSyslog,
})

async function reachSyslog(config: SyslogConfig): Promise<string> {
  const socket = dialSyslog(config)
  try {
    await connected(socket, config.transport === 'tls' ? 'secureConnect' : 'connect')
    return `${config.host}:${config.port} accepts ${config.transport}`
  } finally {
    socket.destroy()
  }
}

async function connected(socket: Socket, happening: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    socket.once(happening, () => resolve())
    socket.once('error', reject)
    socket.setTimeout(LIMITS.connectMs, () =>
      reject(new Error(`no connection within ${LIMITS.connectMs} ms`)),
    )
  })
}
