import { SyslogReceiver } from '../support/receiver.ts'
import type { OutputPlaceType } from './place.ts'

export const SYSLOG_PLACE: OutputPlaceType = {
  name: 'syslog over TCP',
  can: [],
  open: async () => {
    let siem = new SyslogReceiver('octet')
    const port = await siem.listen()
    const before: string[] = []
    return {
      config: { type: 'syslog', host: '127.0.0.1', port, transport: 'tcp' },
      received: () => [...before, ...siem.revisions()],
      down: () => siem.close(),
      up: async () => {
        before.push(...siem.revisions())
        siem = new SyslogReceiver('octet')
        await siem.listen(port)
      },
      close: () => siem.close(),
    }
  },
}
