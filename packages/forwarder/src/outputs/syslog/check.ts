import type { Socket } from 'node:net'
import { systemClock } from '@weir/runtime'
import { LIMITS } from '../../limits.ts'
import type { SyslogConfig } from './config.ts'
import { within } from './connection.ts'
import { dialDatagrams } from './datagrams.ts'
import { dialStream } from './stream.ts'

/** Says in words that the receiver can be reached. Rejects when it cannot. */
export async function reachSyslog(config: SyslogConfig): Promise<string> {
  if (config.transport === 'udp') return notRefused(config)
  const socket = dialStream(config)
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

/** A datagram without a byte in it is refused by a host where nobody listens; more cannot be known. */
async function notRefused(config: SyslogConfig): Promise<string> {
  const socket = await dialDatagrams(config)
  try {
    const refused = new Promise<Error>((resolve) => {
      socket.once('error', resolve)
      socket.send('', (error) => error && resolve(error))
    })
    const answer = await within(systemClock, LIMITS.confirmMs, new AbortController().signal, [refused])
    if (answer !== 'late') throw answer
    return `${config.host}:${config.port} does not refuse datagrams; whether they arrive, UDP cannot say`
  } finally {
    socket.close()
  }
}
