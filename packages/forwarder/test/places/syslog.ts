import { makeCertificates, pemFiles } from '../support/certificates.ts'
import { DatagramReceiver } from '../support/datagrams.ts'
import { SyslogReceiver } from '../support/receiver.ts'
import type { OutputPlaceType } from './place.ts'

export const SYSLOG_PLACE = place('syslog over TCP', () => ({
  config: { transport: 'tcp' },
  open: () => new SyslogReceiver('octet'),
}))

export const SYSLOG_TLS_PLACE = place('syslog over TLS, with certificates on both sides', () => {
  const { authority, server, client } = makeCertificates()
  const files = pemFiles({ ca: authority.cert, cert: client.cert, key: client.key })
  return {
    config: { transport: 'tls', ...files },
    open: () => new SyslogReceiver('octet', { ...server, ca: authority.cert, requestCert: true }),
  }
})

export const SYSLOG_UDP_PLACE = place('syslog over UDP', () => ({
  config: { transport: 'udp' },
  open: () => new DatagramReceiver(),
}))

interface Receiver {
  listen(port?: number): Promise<number>
  close(): Promise<void>
  revisions(): string[]
}

function place(name: string, make: () => { config: object; open: () => Receiver }): OutputPlaceType {
  return {
    name,
    can: [],
    open: async () => {
      const { config, open } = make()
      let siem = open()
      const port = await siem.listen()
      const before: string[] = []
      return {
        config: { type: 'syslog', host: '127.0.0.1', port, ...config },
        received: () => [...before, ...siem.revisions()],
        down: () => siem.close(),
        up: async () => {
          before.push(...siem.revisions())
          siem = open()
          await siem.listen(port)
        },
        close: () => siem.close(),
      }
    },
  }
}
