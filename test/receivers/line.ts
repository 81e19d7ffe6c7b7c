import { mkdtempSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AlertV1 } from '@weir/contract'
import { vi } from 'vitest'
import { FeedStandIn, makeCertificates, pemFiles, TOKEN } from './parts.ts'
import { type Program, run } from './program.ts'

const WEIR = fileURLToPath(new URL('../../packages/cli/bin/weir.js', import.meta.url))

const { authority, server, client, stranger } = makeCertificates()

/** Paths of PEM files; the names in the certificates of both sides are `localhost` and 127.0.0.1. */
export const PEM = pemFiles({
  ca: authority.cert,
  server: server.cert,
  serverKey: server.key,
  client: client.cert,
  clientKey: client.key,
  stranger: stranger.cert,
  strangerKey: stranger.key,
})

export const MUTUAL = { ca: PEM['ca'], cert: PEM['client'], key: PEM['clientKey'] }
export const STRANGE = { ca: PEM['ca'], cert: PEM['stranger'], key: PEM['strangerKey'] }

/** A feed with alerts in it, and forwarders as processes of their own that share one spool. */
export class Line {
  readonly feed = new FeedStandIn()
  readonly #folder = mkdtempSync(join(tmpdir(), 'weir-receivers-'))
  #url = ''
  #entries = 0
  #forwarder: Program | undefined

  async open(alerts: readonly AlertV1[]): Promise<void> {
    this.#url = await this.feed.listen()
    for (const alert of alerts) this.feed.ship('bulk', alert)
    this.#entries = alerts.length
  }

  async start(outputs: readonly object[]): Promise<void> {
    await this.#forwarder?.stop()
    writeFileSync(join(this.#folder, 'token'), TOKEN)
    const config = {
      aggregators: [{ name: 'cloud', url: this.#url, token: { file: 'token' } }],
      spool: { path: 'spool.sqlite' },
      watch: { outputStuckSecondsMax: 1 },
      outputs,
    }
    const path = join(this.#folder, 'forwarder.json')
    writeFileSync(path, JSON.stringify(config))
    this.#forwarder = run(process.execPath, [WEIR, 'forwarder', '--config', path])
  }

  /** Resolves once every output has told that it delivered everything. */
  async delivered(outputs: readonly { readonly name: string }[]): Promise<void> {
    const all = () => outputs.every(({ name }) => this.feed.delivered(name, 'bulk') === this.#entries)
    await this.#until(all)
  }

  /** Resolves once more than so many alerts count as delivered. */
  async deliveredBeyond(output: string, count: number): Promise<void> {
    await this.#until(() => (this.feed.delivered(output, 'bulk') ?? 0) > count)
  }

  /** Resolves once the forwarder has told that an output has failed for long enough. */
  async stuck(output: string): Promise<void> {
    await this.#until(() => this.feed.marks.at(-1)?.stuck?.[0]?.output === output)
  }

  async #until(holds: () => boolean): Promise<void> {
    await Promise.race([this.feed.watched.until(holds), this.#forwarder!.failed])
  }

  async close(): Promise<void> {
    await this.#forwarder?.stop()
    await this.feed.close()
  }
}

/** Ports of the loopback address that nobody listens at. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  for (const each of servers) await new Promise<void>((resolve) => each.listen(0, '127.0.0.1', resolve))
  const ports = servers.map((each) => (each.address() as AddressInfo).port)
  for (const each of servers) await new Promise((resolve) => each.close(resolve))
  return ports
}

/** Looks until it holds; for files that others write. */
export function eventually(holds: () => void | Promise<void>): Promise<void> {
  return vi.waitFor(holds, { timeout: 30_000, interval: 50 })
}
