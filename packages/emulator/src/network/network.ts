import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Client, createClient } from '@weir/contract'
import { Lifecycle, type Stoppable } from '@weir/runtime'
import { type Azurite, startAzurite } from '../azurite.ts'
import { type Certificates, makeCertificates } from '../certificates.ts'
import { type Link, startLink } from '../link/link.ts'
import { type Child, readyLine, startChild } from '../process.ts'
import { HUBS, TOKEN_ENV, writeAggregatorConfig, writeForwarderConfig } from './side-configs.ts'

export interface NetworkOptions {
  /** Everything that the network keeps goes below it. */
  readonly folder: string
  /** Port of the aggregator's API; 0 for any free one. */
  readonly port: number
  readonly now: number
}

/** The whole world: both sides of Weir as processes, the cloud and the SIEM as stand-ins, links between them. */
export interface Network extends Stoppable {
  readonly hubs: Child<HubsReady>
  readonly azurite: Azurite
  readonly siem: Child<SiemReady>
  readonly aggregator: Child<AggregatorReady>
  readonly forwarder: Child<{ readonly pid: number }>
  /** What Weir's sides talk through: AMQP, blob, and the VPN between them. */
  readonly links: { readonly amqp: Link; readonly blob: Link; readonly vpn: Link }
  readonly certificates: Certificates
  /** Straight to the emulators, past the links: for those who write the logs. */
  readonly producer: { readonly hubConnection: string; readonly blobConnection: string }
  readonly readerToken: string
  /** The API as an analyst sees it; follows the aggregator over a restart. */
  client(): Client
  restartAggregator(): Promise<void>
  restartForwarder(): Promise<void>
}

interface HubsReady {
  readonly port: number
  readonly control: string
}

interface SiemReady {
  readonly syslogTls: number
  readonly hec: string
  readonly control: string
}

interface AggregatorReady {
  readonly url: string
  readonly pid: number
}

const WEIR = fileURLToPath(new URL('../../../cli/bin/weir.js', import.meta.url))
const HUBS_MAIN = fileURLToPath(new URL('../eventhubs/main.ts', import.meta.url))
const SIEM_MAIN = fileURLToPath(new URL('../siem/main.ts', import.meta.url))

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
  mkdirSync(options.folder, { recursive: true })
  const certificates = await makeCertificates(join(options.folder, 'certificates'), options.now)
  const [hubs, azurite, siem] = await Promise.all([
    startHubs(options.folder),
    startAzurite({ folder: join(options.folder, 'azurite'), port: 0 }),
    startSiem(options.folder, certificates),
  ])
  for (const [name, part] of Object.entries({ hubs, azurite, siem })) lifecycle.add(name, part)
  const amqp = lifecycle.add('amqp', await startLink({ listen: 0, target: local(hubs.ready.port) }))
  const blob = lifecycle.add('blob', await startLink({ listen: 0, target: local(azurite.port) }))
  const tokens = { reader: token(), forwarder: token() }
  const env = { [TOKEN_ENV.reader]: tokens.reader, [TOKEN_ENV.forwarder]: tokens.forwarder }
  const aggregatorFile = writeAggregatorConfig({
    folder: options.folder,
    port: options.port,
    hubConnection: hubConnection(amqp.port),
    blobConnection: azurite.connectionString(blob.port),
    certificates,
  })
  const aggregator = lifecycle.add(
    'aggregator',
    await startSide<AggregatorReady>('aggregator', aggregatorFile, env, options.folder),
  )
  const vpn = lifecycle.add(
    'vpn',
    await startLink({ listen: 0, target: local(portOf(aggregator.ready.url)) }),
  )
  const forwarderFile = writeForwarderConfig({
    folder: options.folder,
    url: `https://localhost:${vpn.port}`,
    siem: siem.ready,
    certificates,
  })
  const forwarder = lifecycle.add(
    'forwarder',
    await startSide<{ pid: number }>('forwarder', forwarderFile, env, options.folder),
  )
  return {
    hubs,
    azurite,
    siem,
    aggregator,
    forwarder,
    links: { amqp, blob, vpn },
    certificates,
    producer: { hubConnection: hubConnection(hubs.ready.port), blobConnection: azurite.connectionString() },
    readerToken: tokens.reader,
    client: () =>
      createClient({
        url: aggregator.ready.url,
        token: tokens.reader,
        ca: readFileSync(certificates.ca, 'utf8'),
      }),
    restartAggregator: async () => {
      await aggregator.restart()
      vpn.retarget(local(portOf(aggregator.ready.url)))
    },
    restartForwarder: () => forwarder.restart(),
    stop: () => lifecycle.stop(),
  }
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

function startSiem(folder: string, { server }: Certificates): Promise<Child<SiemReady>> {
  return startChild<SiemReady>({
    name: 'SIEM stand-in',
    script: SIEM_MAIN,
    args: ['--data', join(folder, 'siem.ndjson'), '--cert', server.cert, '--key', server.key],
    logFile: join(folder, 'siem.log'),
    ready: readyLine as (line: string) => SiemReady | undefined,
  })
}

function startSide<Ready>(
  side: 'aggregator' | 'forwarder',
  config: string,
  env: Record<string, string>,
  folder: string,
): Promise<Child<Ready>> {
  return startChild<Ready>({
    name: side,
    script: WEIR,
    args: [side, '--config', config],
    env,
    logFile: join(folder, `${side}.log`),
    ready: readyLine as (line: string) => Ready | undefined,
  })
}

/** The emulator takes any key; the flag is what lets Weir speak to it in the clear. */
function hubConnection(port: number): string {
  return `Endpoint=sb://localhost:${port};SharedAccessKeyName=dev;SharedAccessKey=dev;UseDevelopmentEmulator=true`
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
