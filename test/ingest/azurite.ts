import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { BlobServiceClient } from '@azure/storage-blob'
import { QueueServiceClient } from '@azure/storage-queue'

/** What Azurite knows from the start; good for loopback alone. */
const ACCOUNT = 'devstoreaccount1'
const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=='

/** Azurite's blobs as a child process that keeps nothing, and every request line that it has answered. */
export interface TestAzurite extends TestService {
  readonly service: BlobServiceClient
}

/** Its queues, likewise. */
export interface TestQueues extends TestService {
  readonly url: string
  readonly queues: QueueServiceClient
}

interface TestService {
  readonly connectionString: string
  /** `GET /devstoreaccount1/logs?restype=container&comp=list&prefix=… 200`, since the last call. */
  takeRequests(): string[]
  kill(): Promise<void>
}

const ACCESS = /"([A-Z]+) (\S+) HTTP\/1\.1" (\d{3})/

/** @param folder where it keeps its blobs; in memory without one. */
export async function startAzurite(folder?: string): Promise<TestAzurite> {
  const script = fileURLToPath(new URL('../../packages/emulator/src/azurite-main.ts', import.meta.url))
  const { url, ...rest } = await start(script, '--blobPort', folder)
  const connectionString = `DefaultEndpointsProtocol=http;AccountName=${ACCOUNT};AccountKey=${KEY};BlobEndpoint=${url};`
  return { ...rest, connectionString, service: BlobServiceClient.fromConnectionString(connectionString) }
}

export async function startQueues(): Promise<TestQueues> {
  const script = createRequire(import.meta.url).resolve('azurite/dist/src/queue/main.js')
  const { url, ...rest } = await start(script, '--queuePort')
  const connectionString = `DefaultEndpointsProtocol=http;AccountName=${ACCOUNT};AccountKey=${KEY};QueueEndpoint=${url};`
  return { ...rest, url, connectionString, queues: QueueServiceClient.fromConnectionString(connectionString) }
}

async function start(
  script: string,
  port: string,
  folder?: string,
): Promise<Omit<TestService, 'connectionString'> & { readonly url: string }> {
  const keep = folder === undefined ? ['--inMemoryPersistence'] : ['--location', folder]
  const args = [port, '0', ...keep, '--skipApiVersionCheck', '--disableTelemetry', '--loose']
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'ignore'] })
  const requests: string[] = []
  const listening = await new Promise<string>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const ready = /successfully listens on http:\/\/[^:]+:(\d+)/.exec(line)?.[1]
      if (ready !== undefined) resolve(ready)
      const access = ACCESS.exec(line)
      if (access !== null) requests.push(`${access[1]} ${decodeURIComponent(access[2]!)} ${access[3]}`)
    })
  })
  return {
    url: `http://127.0.0.1:${listening}/${ACCOUNT}`,
    takeRequests: () => requests.splice(0),
    async kill() {
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
  }
}
