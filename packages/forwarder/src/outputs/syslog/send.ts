import type { AlertV1 } from '@weir/contract'
import { frame } from '../../formats/frame.ts'
import { syslogMessage } from '../../formats/syslog-message.ts'
import type { Message, Output, OutputTools } from '../output.ts'
import type { SyslogConfig } from './config.ts'
import type { SyslogConnection } from './connection.ts'
import { openSyslog } from './open.ts'
import { SyslogWindow } from './window.ts'

/**
 * Syslog messages over TLS, TCP or UDP. Syslog has no acknowledgement: a message counts as received when the kernel
 * took it and the connection stayed up a moment longer; when it breaks later, the last ones are repeated.
 */
export class SyslogOutput implements Output {
  readonly name: string
  /** While one batch waits for its moment to pass, the next ones go out. */
  readonly sendsMax: number
  readonly #config: SyslogConfig
  readonly #tools: OutputTools
  readonly #window: SyslogWindow
  #connection: Promise<SyslogConnection> | undefined
  #closing = false

  constructor(config: SyslogConfig, tools: OutputTools) {
    this.name = config.name
    this.sendsMax = tools.limits.syslogSendsMax
    this.#config = config
    this.#tools = tools
    this.#window = new SyslogWindow(tools.limits)
  }

  get inDoubt(): number {
    return this.#window.inDoubt
  }

  encode(alert: AlertV1): Buffer {
    const { transport, framing } = this.#config
    return frame(syslogMessage(alert, this.#config), transport === 'udp' ? 'datagram' : framing)
  }

  async send(messages: readonly Message[], signal: AbortSignal): Promise<[]> {
    this.#connection ??= this.#connect(signal)
    const connection = await this.#connection
    const again = this.#window.take()
    const frames = [...again, ...messages.map(({ bytes }) => bytes)]
    try {
      await connection.write(frames, signal)
    } catch (error) {
      this.#window.doubt(again)
      throw error
    }
    this.#window.sent(frames, this.#tools.clock.now())
    return []
  }

  async close(): Promise<void> {
    this.#closing = true
    const connection = await this.#connection?.catch(() => undefined)
    await connection?.end(this.#tools.limits.stopMs)
  }

  /** One attempt for all who wait; whoever comes after it failed or ended begins another. */
  #connect(signal: AbortSignal): Promise<SyslogConnection> {
    const attempt = openSyslog(this.#config, this.#tools, signal)
    const over = (): void => {
      if (this.#connection === attempt) this.#connection = undefined
    }
    attempt.then(async (connection) => {
      const ending = await connection.closed
      over()
      const inDoubt = this.#window.broke(ending, this.#tools.clock.now())
      if (inDoubt && !this.#closing) this.#tools.wake()
    }, over)
    return attempt
  }
}
