import { createSocket } from 'node:dgram'
import { parseCef } from './cef-parser.ts'
import { Watched } from './until.ts'

/** A syslog receiver over UDP that keeps every datagram with something in it. */
export class DatagramReceiver {
  readonly watched = new Watched()
  readonly messages: string[] = []
  readonly #socket = createSocket('udp4')
  #open = false

  async listen(port = 0): Promise<number> {
    this.#socket.on('message', (message) => {
      if (message.length > 0) this.messages.push(message.toString())
      this.watched.changed()
    })
    await new Promise<void>((resolve) => this.#socket.bind(port, '127.0.0.1', resolve))
    this.#open = true
    return this.#socket.address().port
  }

  async close(): Promise<void> {
    if (!this.#open) return
    this.#open = false
    await new Promise<void>((resolve) => this.#socket.close(resolve))
  }

  /** `id` and `revision` of every message, in order. */
  revisions(): string[] {
    return this.messages
      .map((message) => parseCef(message.slice(message.indexOf('CEF:'))))
      .map(({ extension }) => `${extension['externalId']} ${extension['cn1']}`)
  }
}
