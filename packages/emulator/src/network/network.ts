import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { isIPv6 } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Client, createClient } from '@weir/contract'
import { Lifecycle, type Stoppable } from '@weir/runtime'
import { type Azurite, azuriteConnection, startAzurite } from '../azurite.ts'
import { type Certificates, makeCertificates } from '../certificates.ts'
import { type Link, startLink } from '../link/link.ts'
import { type Child, readyLine, startChild } from '../process.ts'
import { type Siem, startSiem } from '../siem/siem.ts'
import {
  type AggregatorFile,
  aggregatorFile,
  type ForwarderFile,
  forwarderFile,
  HUBS,
  TOKEN_ENV,
} from './side-configs.ts'

export interface NetworkOptions {
  /** Everything that the network keeps goes below it. */
  readonly folder: string
  /** Port of the aggregator's API; 0 for any free one. */
  readonly port: number
  readonly now: number
  /** The SIEM's syslog and the aggregator's API take only callers with a certificate of the network's authority. */
  readonly mutualTls?: boolean
  /** The forwarder is started when everything else is up, so that it finds the aggregator at once. */
  readonly inOrder?: boolean
  /** Forwarder and SIEM elsewhere: what starts them there, and the address at which the link to the aggregator listens. */
  readonly premises?: { readonly through: readonly string[]; readonly vpnHost: string }
  /** What the sides' configurations are to be instead of the usual ones. */
  readonly aggregator?: (usual: AggregatorFile) => object
  readonly forwarder?: (usual: ForwarderFile, siem: Siem) => object
}

/** The whole world: both sides of Weir as processes, the cloud and the SIEM as stand-ins, links between them. */
export interface Network extends Stoppable {
  readonly hubs: Child<HubsReady>
  readonly azurite: Azurite
  readonly siem: Siem
  readonly aggregator: Child<AggregatorReady>
  readonly forwarder: Child<{ readonly pid: number }>
  /** What Weir's sides talk through: AMQP, blob, and the VPN between them. */
  readonly links: { readonly amqp: Link; readonly blob: Link; readonly vpn: Link }
  readonly certificates: Certificates
  /** Straight to the emulators, past the links: for those who write the logs. */
  readonly producer: { readonly hubConnection: string; readonly blobConnection: string }
  readonly readerToken: string
  readonly forwarderToken: string
  /** Both sides' configuration files, and the environment variables that these name. */
  readonly files: { readonly aggregator: string; readonly forwarder: string }
  readonly env: Readonly<Record<string, string>>
  /** Writes a side's configuration anew; it holds from that side's next start. */
  readonly configure: {
    aggregator(change: (usual: AggregatorFile) => object): void
    forwarder(change: (usual: ForwarderFile) => object): void
  }
  /** The API as an analyst sees it; follows the aggregator over a restart. */
  client(): Client
  /** Starts a side again; one that runs is killed first. */
  restartAggregator(): Promise<void>
  restartForwarder(): Promise<void>
}

interface HubsReady {
  readonly port: number
  readonly control: string
}

interface AggregatorReady {
  readonly url: string
  readonly pid: number
}

const WEIR = fileURLToPath(new URL('../../../cli/bin/weir.js', import.meta.url))
const HUBS_MAIN = fileURLToPath(new URL('../eventhubs/main.ts', import.meta.url))

/** Starts everything, the stand-ins first; what was started before a failure is stopped again. */
export async function startNetwork(options: NetworkOptions): Promise<Network> {
  const lifecycle = new Lifecycle()
  try {
    return await start(options, lifecycle)
  } catch (error) {
    await lifecycle.stop().catch(() => undefined)
    throw error
  }
}

async function start(options: NetworkOptions, lifecycle: Lifecycle): Promise<Network> {
  const { folder, mutualTls = false, premises } = options
  const through = premises?.through ?? []
  mkdirSync(folder, { recursive: true })
  const addresses = premises === undefined ? [] : [premises.vpnHost]
  const certificates = await makeCertificates(join(folder, 'certificates'), options.now, undefined, addresses)
  const links = await startLinks(lifecycle, premises?.vpnHost)
  const tokens = { reader: token(), forwarder: token() }
  const env = { [TOKEN_ENV.reader]: tokens.reader, [TOKEN_ENV.forwarder]: tokens.forwarder }
  const usual = { folder, certificates, mutualTls }
  const aggregatorConfig = writerOf(join(folder, 'aggregator.json'), () =>
    aggregatorFile({
      ...usual,
      port: options.port,
      hubConnection: hubConnection(links.amqp.port),
      blobConnection: azuriteConnection(links.blob.port),
    }),
  )
  const vpnUrl = `https://${inUrl(premises?.vpnHost ?? 'localhost')}:${links.vpn.port}`
  aggregatorConfig.write(options.aggregator ?? same)

  const { promise: listening, resolve: listens } = Promise.withResolvers<void>()
  if (options.inOrder !== true) listens()
  // All at once: each side tries again until what it needs is there, as it would anywhere.
  const [hubs, azurite, [siem, forwarderConfig, forwarder], aggregator] = await Promise.all([
    startHubs(folder).then((part) => joined(lifecycle, 'hubs', part, links.amqp, part.ready.port)),
    startAzurite({ folder: join(folder, 'azurite'), port: 0 }).then((part) =>
      joined(lifecycle, 'azurite', part, links.blob, part.port),
    ),
    startSiem({
      dataFile: join(folder, 'siem.ndjson'),
      logFile: join(folder, 'siem.log'),
      certificates,
      clientCertificates: mutualTls,
      through,
    }).then(async (part) => {
      lifecycle.add('siem', part)
      const config = writerOf(join(folder, 'forwarder.json'), () =>
        forwarderFile({ ...usual, url: vpnUrl, siem: part.ready }),
      )
      config.write((file) => (options.forwarder ?? same)(file, part))
      await listening
      const child = await startSide<{ pid: number }>('forwarder', config.file, env, folder, through)
      return [part, config, lifecycle.add('forwarder', child)] as const
    }),
    startSide<AggregatorReady>('aggregator', aggregatorConfig.file, env, folder).then((part) => {
      joined(lifecycle, 'aggregator', part, links.vpn, portOf(part.ready.url))
      listens()
      return part
    }),
  ])
  return {
    hubs,
    azurite,
    siem,
    aggregator,
    forwarder,
    links,
    certificates,
    producer: { hubConnection: hubConnection(hubs.ready.port), blobConnection: azurite.connectionString() },
    readerToken: tokens.reader,
    forwarderToken: tokens.forwarder,
    files: { aggregator: aggregatorConfig.file, forwarder: forwarderConfig.file },
    env,
    configure: { aggregator: aggregatorConfig.write, forwarder: forwarderConfig.write },
    client: () => clientOf(aggregator.ready.url, tokens.reader, certificates, mutualTls),
    restartAggregator: async () => {
      await aggregator.restart()
      links.vpn.retarget(local(portOf(aggregator.ready.url)))
    },
    restartForwarder: () => forwarder.restart(),
    stop: () => lifecycle.stop(),
  }
}

/** They listen before there is anything behind them, so that everyone can be told where to go. */
async function startLinks(lifecycle: Lifecycle, vpnHost?: string): Promise<Network['links']> {
  const start = async (name: string, host = '127.0.0.1'): Promise<Link> =>
    lifecycle.add(name, await startLink({ listen: 0, host, target: local(NOWHERE) }))
  return { amqp: await start('amqp'), blob: await start('blob'), vpn: await start('vpn', vpnHost) }
}

/** A port at which nothing listens. */
const NOWHERE = 1

function joined<T extends Stoppable>(
  lifecycle: Lifecycle,
  name: string,
  part: T,
  link: Link,
  port: number,
): T {
  link.retarget(local(port))
  return lifecycle.add(name, part)
}

function same<T>(usual: T): T {
  return usual
}

function writerOf<T extends object>(file: string, usual: () => T) {
  const write = (change: (usual: T) => object): void =>
    writeFileSync(file, `${JSON.stringify(change(usual()), null, 2)}\n`)
  return { file, write }
}

function clientOf(url: string, bearer: string, certificates: Certificates, mutualTls: boolean): Client {
  const read = (file: string): string => readFileSync(file, 'utf8')
  const { ca, client } = certificates
  const identity = mutualTls ? { cert: read(client.cert), key: read(client.key) } : {}
  return createClient({ url, token: bearer, ca: read(ca), ...identity })
}

function startHubs(folder: string): Promise<Child<HubsReady>> {
  const hubs = HUBS.flatMap((hub) => ['--hub', `${hub.name}:${hub.partitions}`])
  return startChild<HubsReady>({
    name: 'Event Hubs emulator',
    script: HUBS_MAIN,
    args: ['--data', join(folder, 'eventhubs.db'), ...hubs],
    logFile: join(folder, 'eventhubs.log'),
    ready: readyLine as (line: string) => HubsReady | undefined,
  })
}

function startSide<Ready>(
  side: 'aggregator' | 'forwarder',
  config: string,
  env: Record<string, string>,
  folder: string,
  through: readonly string[] = [],
): Promise<Child<Ready>> {
  return startChild<Ready>({
    name: side,
    script: WEIR,
    args: [side, '--config', config],
    through,
    // As the units in deploy/ start it.
    env: { NODE_OPTIONS: '--max-semi-space-size=8', ...env },
    logFile: join(folder, `${side}.log`),
    ready: readyLine as (line: string) => Ready | undefined,
  })
}

/** The emulator takes any key; the flag is what lets Weir speak to it in the clear. */
function hubConnection(port: number): string {
  return `Endpoint=sb://localhost:${port};SharedAccessKeyName=dev;SharedAccessKey=dev;UseDevelopmentEmulator=true`
}

/** An IPv6 address stands in brackets in a URL. */
function inUrl(host: string): string {
  return isIPv6(host) ? `[${host}]` : host
}

function local(port: number): { host: string; port: number } {
  return { host: '127.0.0.1', port }
}

function portOf(url: string): number {
  return Number(new URL(url).port)
}

function token(): string {
  return randomBytes(24).toString('base64url')
}
