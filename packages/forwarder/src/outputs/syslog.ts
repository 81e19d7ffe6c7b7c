import type { SyslogConfig } from '../config.ts'
import { cefLine } from '../formats/cef.ts'
import { frameLine, frameOctets } from '../formats/frame.ts'
import { syslogHeader } from '../formats/syslog.ts'
import type { Output, OutputTools } from './output.ts'
import { openSyslog, type SyslogConnection } from './syslog-connection.ts'
import { SyslogWindow } from './syslog-window.ts'

/**
 * CEF in RFC 5424 messages over TLS or TCP. Syslog has no acknowledgement: a message counts as received when the
 * kernel took it and the connection stayed up a moment longer; when it breaks later, the last ones are repeated.
 */
export function createSyslogOutput(config: SyslogConfig, tools: OutputTools): Output {
  const { limits, clock } = tools
  const window = new SyslogWindow(limits)
  let connection: SyslogConnection | undefined
  let closing = false
  const connected = async (signal: AbortSignal): Promise<SyslogConnection> => {
    const opened = connection ?? (await openSyslog(config, tools, signal))
    if (opened === connection) return opened
    connection = opened
    opened.closed.then((ending) => {
      connection = undefined
      if (!closing && window.broke(ending, clock.now())) tools.wake()
    })
    return opened
  }
  return {
    name: config.name,
    get inDoubt() {
      return window.inDoubt.length
    },
    encode: (alert) => {
      const header = syslogHeader(alert, config)
      const message = header + cefLine(alert, config.sizeMax - Buffer.byteLength(header))
      return config.framing === 'octet' ? frameOctets(message) : frameLine(message)
    },
    send: async (messages, signal) => {
      const frames = [...window.inDoubt, ...messages.map(({ bytes }) => bytes)]
      const receiver = await connected(signal)
      await receiver.write(frames, signal)
      window.sent(frames, clock.now())
      return []
    },
    close: async () => {
      closing = true
      await connection?.end(limits.stopMs)
    },
  }
}
