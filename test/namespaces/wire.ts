import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const call = promisify(execFile)

/** What the kernel on premises counted: of connections to a port of the aggregator, and of the interface. */
export class Wire {
  readonly #premises: readonly string[]
  readonly #port: number
  /** By our port: the last that was seen of each connection. */
  readonly #payload = new Map<string, number>()

  /** What the interface had carried before. */
  #carried = 0

  private constructor(premises: readonly string[], port: number) {
    this.#premises = premises
    this.#port = port
  }

  static async open(premises: readonly string[], port: number): Promise<Wire> {
    const wire = new Wire(premises, port)
    wire.#carried = await wire.interfaceBytes()
    return wire
  }

  get connections(): number {
    return this.#payload.size
  }

  /** TCP payload both ways, without repeats, of every connection that was ever looked at. */
  get payloadBytes(): number {
    return [...this.#payload.values()].reduce((sum, each) => sum + each, 0)
  }

  /** Looks at the connections that are up; one that is gone keeps what was seen of it last. */
  async look(): Promise<void> {
    // One line each: `-O`; its numbers are tcp_info's.
    const out = await this.#run('ss', '-tinHO', 'dport', '=', `:${this.#port}`)
    for (const line of out.split('\n').filter((each) => each.includes('bytes_sent:'))) {
      const count = (name: string): number => Number(new RegExp(`\\b${name}:(\\d+)`).exec(line)?.[1] ?? 0)
      const payload = count('bytes_sent') - count('bytes_retrans') + count('bytes_received')
      this.#payload.set(line.trim().split(/\s+/)[3]!, payload)
    }
  }

  /** Bytes of whole frames both ways, since it was opened. */
  async interfaceBytes(): Promise<number> {
    const files = ['rx', 'tx'].map((way) => `/sys/class/net/vpn/statistics/${way}_bytes`)
    const out = await this.#run('cat', ...files)
    const all = out.trim().split('\n').map(Number)
    return all.reduce((sum, each) => sum + each, -this.#carried)
  }

  /** The interface goes down: nothing passes, and whoever dials is told that there is no way. */
  async down(): Promise<void> {
    await this.#run('ip', 'link', 'set', 'vpn', 'down')
  }

  async up(): Promise<void> {
    await this.#run('ip', 'link', 'set', 'vpn', 'up')
  }

  async #run(...command: readonly string[]): Promise<string> {
    const [program, ...args] = [...this.#premises, ...command]
    return (await call(program!, args)).stdout
  }
}
