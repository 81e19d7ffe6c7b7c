import type { EventSource, SourceContext } from '@weir/model'
import { aborted, type Backoff, messageOf, retryForever } from '@weir/runtime'
import type { SourceDeps } from '../deps.ts'
import type { SyslogConfig } from './config.ts'
import { kernelDrops } from './kernel-drops.ts'
import { Receiver } from './receiver.ts'
import { serveStream } from './tcp.ts'
import { serveDatagrams } from './udp.ts'

const LISTEN_BACKOFF: Backoff = { firstMs: 500, maxMs: 15_000 }

/**
 * Listens for syslog messages over UDP, TCP and TLS; a partition is a listener, and a message's place its running
 * number there. Syslog acknowledges nothing: what was taken and not committed when the process is killed is gone,
 * while a commit that fails and an orderly stop lose nothing that was taken.
 */
export function syslogSource(config: SyslogConfig, deps: SourceDeps): EventSource {
  const listeners = config.listeners.map((each) => new Listening(config, each, deps))
  return {
    name: config.name,
    pushed: true,
    async run(context: SourceContext): Promise<void> {
      const partitions = config.listeners.map(({ name }) => name)
      await context.deliver({ kind: 'partitions', source: config.name, partitions })
      await Promise.all(listeners.map((listening) => listening.run(context)))
    },
  }
}

/** One listener: opened again and again where it cannot be, and telling how it stands. */
class Listening {
  readonly #config: SyslogConfig
  readonly #deps: SourceDeps
  readonly #receiver: Receiver
  #open = false
  /** Drops of the present socket that were told. */
  #dropsTold = 0
  #told: Promise<void> = Promise.resolve()

  constructor(config: SyslogConfig, listener: SyslogConfig['listeners'][number], deps: SourceDeps) {
    this.#config = config
    this.#deps = deps
    this.#receiver = new Receiver(config, listener, deps)
  }

  async run(context: SourceContext): Promise<void> {
    const { clock, random } = this.#deps
    await this.#receiver.begin(context)
    const over = new AbortController()
    const stopped = aborted(context.signal)
      .then(() => clock.sleep(this.#config.drainMs, over.signal))
      .then(() => over.abort())
    const status = this.#tellStatus(context)
    await retryForever(() => this.#serve(context.signal, over.signal), {
      clock,
      signal: context.signal,
      backoff: LISTEN_BACKOFF,
      random,
      failed: (error, attempt) => this.#tellCutOff(context, error, attempt),
    })
    this.#open = false
    over.abort()
    await Promise.all([stopped, status, this.#told])
  }

  #serve(stop: AbortSignal, over: AbortSignal): Promise<void> {
    const { listener } = this.#receiver
    const open = (): void => {
      this.#open = true
      this.#dropsTold = 0
      const { name, host, port } = listener
      this.#deps.report.event('info', 'syslog_listening', { source: this.#config.name, name, host, port })
    }
    return listener.transport === 'udp'
      ? serveDatagrams(this.#config, this.#receiver, over, open)
      : serveStream(this.#config, listener, this.#receiver, this.#deps, { stop, over }, open)
  }

  #tellCutOff(context: SourceContext, error: unknown, attempt: number): void {
    this.#open = false
    const { name } = this.#receiver.listener
    const details = { source: this.#config.name, partition: name, reason: messageOf(error), attempt }
    this.#deps.report.event(attempt === 1 ? 'warn' : 'debug', 'source_cut_off', details, ['source'])
    this.#told = this.#tell(context, 'cut-off', messageOf(error))
  }

  async #tellStatus(context: SourceContext): Promise<void> {
    const { clock } = this.#deps
    while (!context.signal.aborted) {
      if (this.#open) await this.#tell(context, this.#receiver.waits ? 'lagging' : 'caught-up')
      await this.#tellLost()
      await clock.sleep(this.#config.statusMs, context.signal)
    }
    await this.#tellLost()
  }

  #tell(context: SourceContext, state: 'caught-up' | 'lagging' | 'cut-off', reason?: string): Promise<void> {
    const { name } = this.#receiver.listener
    const now = this.#deps.clock.now()
    const signal = { kind: 'state', source: this.#config.name, partition: name, state, now } as const
    return context.deliver(reason === undefined ? signal : { ...signal, reason })
  }

  async #tellLost(): Promise<void> {
    const { name, transport, port } = this.#receiver.listener
    if (transport !== 'udp' || !this.#open) return
    const drops = (await kernelDrops(port)) ?? 0
    const fresh = Math.max(0, drops - this.#dropsTold)
    this.#dropsTold = drops
    const lost = await this.#receiver.tellLost(fresh)
    if (lost === 0) return
    const labels = { source: this.#config.name, listener: name }
    this.#deps.report.event('warn', 'syslog_datagrams_lost', { ...labels, lost }, ['source', 'listener'])
    this.#deps.report.count('syslog_messages_lost', labels, lost)
  }
}
