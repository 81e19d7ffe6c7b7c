import { fileURLToPath } from 'node:url'
import type { JsonObject } from '@weir/model'
import type { Certificates } from '../certificates.ts'
import { type Child, readyLine, startChild } from '../process.ts'
import type { SiemAlert } from './alerts.ts'
import type { FaultState } from './faults.ts'
import type { Kept } from './ledger.ts'

export interface SiemOptions {
  /** What it receives is kept here, over restarts. */
  readonly dataFile: string
  readonly logFile: string
  readonly certificates: Certificates
  /** Senders over TLS must show a certificate of the same authority. */
  readonly clientCertificates: boolean
  /** A command that starts it. */
  readonly through?: readonly string[]
}

/** Where the stand-in listens; syslog at 127.0.0.1. */
export interface SiemReady {
  readonly syslogTls: number
  readonly syslogTcp: number
  readonly hec: string
  readonly control: string
}

/** Starts the SIEM stand-in in a process of its own. */
export async function startSiem(options: SiemOptions): Promise<Siem> {
  const child = await startChild({
    name: 'SIEM stand-in',
    script: fileURLToPath(new URL('./main.ts', import.meta.url)),
    args: argsFor(options),
    logFile: options.logFile,
    ...(options.through === undefined ? {} : { through: options.through }),
    ready: (line) => readyLine(line) as (SiemReady & JsonObject) | undefined,
  })
  return new Siem(child, options)
}

/** A handle on the running stand-in. */
export class Siem {
  readonly child: Child<SiemReady & JsonObject>
  readonly #options: SiemOptions

  constructor(child: Child<SiemReady & JsonObject>, options: SiemOptions) {
    this.child = child
    this.#options = options
  }

  get ready(): SiemReady {
    return this.child.ready
  }

  async alerts(): Promise<SiemAlert[]> {
    const { alerts } = await this.#ask<{ alerts: SiemAlert[] }>('GET', '/alerts')
    return alerts
  }

  /** Messages after the one numbered `after`, up to a thousand. */
  async raw(after = 0): Promise<Kept[]> {
    const { messages } = await this.#ask<{ messages: Kept[] }>('GET', `/raw?after=${after}`)
    return messages
  }

  state(): Promise<JsonObject> {
    return this.#ask('GET', '/state')
  }

  fault(changes: Partial<FaultState>): Promise<FaultState> {
    return this.#ask('POST', '/faults', changes)
  }

  heal(): Promise<FaultState> {
    return this.#ask('DELETE', '/faults')
  }

  /** Kills it, and starts it again on the same ports and the same file; faults are gone. */
  async restart(): Promise<void> {
    await this.child.restart(argsFor(this.#options, this.ready))
  }

  stop(): Promise<void> {
    return this.child.stop()
  }

  async #ask<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${this.ready.control}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    return (await response.json()) as T
  }
}

function argsFor({ dataFile, certificates, clientCertificates }: SiemOptions, at?: SiemReady): string[] {
  const { server, ca } = certificates
  return [
    ...['--data', dataFile, '--cert', server.cert, '--key', server.key],
    ...(clientCertificates ? ['--ca', ca] : []),
    ...['--tls', String(at?.syslogTls ?? 0), '--tcp', String(at?.syslogTcp ?? 0)],
    ...['--hec', portIn(at?.hec), '--control', portIn(at?.control)],
  ]
}

function portIn(url: string | undefined): string {
  return url === undefined ? '0' : new URL(url).port
}
