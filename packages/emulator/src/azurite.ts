import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Exit, startChild } from './process.ts'

export interface AzuriteOptions {
  /** Blobs and their catalogue; kept over a restart. */
  readonly folder: string
  /** 0 for any free one. */
  readonly port: number
}

/** Account and key that Azurite knows from the start; a public constant, good for loopback alone. */
const ACCOUNT = 'devstoreaccount1'
const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=='

/** Azure Blob Storage for development, in a process of its own. */
export interface Azurite {
  readonly port: number
  /** For the port given, a metered link's for instance; its own when none is. */
  connectionString(port?: number): string
  kill(signal: NodeJS.Signals): Promise<Exit>
  /** On the same folder and port. */
  restart(): Promise<void>
  /** Ends it in good order: only then is its catalogue sure to be on disk, it is saved every few seconds. */
  stop(): Promise<void>
}

/** Starts Azurite's blob service and waits until it listens. */
export async function startAzurite(options: AzuriteOptions): Promise<Azurite> {
  const argsFor = (port: number): string[] => [
    ...['--location', options.folder, '--blobHost', '127.0.0.1', '--blobPort', String(port)],
    ...['--skipApiVersionCheck', '--disableTelemetry', '--silent', '--loose'],
  ]
  const child = await startChild({
    name: 'Azurite',
    script: fileURLToPath(new URL('./azurite-main.ts', import.meta.url)),
    args: argsFor(options.port),
    logFile: join(options.folder, 'azurite.log'),
    ready: listeningPort,
  })
  const port = child.ready
  return {
    port,
    connectionString: (at = port) => azuriteConnection(at),
    kill: (signal) => child.kill(signal),
    restart: () => child.restart(argsFor(port)),
    stop: () => child.stop(),
  }
}

/** Connection string of the account that Azurite knows from the start, at a port of loopback. */
export function azuriteConnection(port: number): string {
  return (
    `DefaultEndpointsProtocol=http;AccountName=${ACCOUNT};AccountKey=${KEY};` +
    `BlobEndpoint=http://127.0.0.1:${port}/${ACCOUNT};`
  )
}

function listeningPort(line: string): number | undefined {
  const port = /successfully listens on http:\/\/[^:]+:(\d+)/.exec(line)?.[1]
  return port === undefined ? undefined : Number(port)
}
