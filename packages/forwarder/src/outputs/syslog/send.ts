import type { AlertV1 } from '@weir/contract'
import { cefLine } from '../../formats/cef.ts'
import { frameLine, frameOctets } from '../../formats/frame.ts'
import { syslogHeader } from '../../formats/syslog.ts'
import type { Message, Output, OutputTools } from '../output.ts'
import type { SyslogConfig } from './config.ts'
import { openSyslog, type SyslogConnection } from './connection.ts'
import { SyslogWindow } from './window.ts'

/**
 * CEF in RFC 5424 messages over TLS or TCP. Syslog has no acknowledgement: a message counts as received when
 * the kernel took it and the connection stayed up a moment longer; when it breaks later, the last ones are
 * repeated.
 */
export class SyslogOutput implements Output {
  readonly name: string
  readonly #config: SyslogConfig
  readonly #tools: OutputTools
  readonly #window: SyslogWindow
  #connection: SyslogConnection | undefined
  #closing = false

  constructor(config: SyslogConfig, tools: OutputTools) {
    this.name = config.name
    this.#config = config
    this.#tools = tools
    this.#window = new SyslogWindow(tools.limits)
  }

  get inDoubt(): number {
    return this.#window.inDoubt.length
  }

  encode(alert: AlertV1): Buffer {
    const header = syslogHeader(alert, this.#config)
    const message = header + cefLine(alert, this.#config.sizeMax - Buffer.byteLength(header))
    return this.#config.framing === 'octet' ? frameOctets(message) : frameLine(message)
  }

  async send(messages: readonly Message[], signal: AbortSignal): Promise<[]> {
    const connection = this.#connection ?? (await this.#connect(signal))
    const frames = [...this.#window.inDoubt, ...messages.map(({ bytes }) => bytes)]
    await connection.write(frames, signal)
    this.#window.sent(frames, this.#tools.clock.now())
    return []
  }

  async close(): Promise<void> {
    this.#closing = true
    await this.#connection?.end(this.#tools.limits.stopMs)
  }

  async #connect(signal: AbortSignal): Promise<SyslogConnection> {
    const connection = await openSyslog(this.#config, this.#tools, signal)
    this.#connection = connection
    connection.closed.then((ending) => {
      if (this.#connection === connection) this.#connection = undefined
      const inDoubt = this.#window.broke(ending, this.#tools.clock.now())
      if (inDoubt && !this.#closing) this.#tools.wake()
    })
    return connection
  }
}
