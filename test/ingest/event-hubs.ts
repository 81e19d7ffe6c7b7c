import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { EventHubProducerClient } from '@azure/event-hubs'
import type { EmulatorState } from '@weir/emulator'

const MAIN = new URL('../../packages/emulator/src/eventhubs/main.ts', import.meta.url).pathname

/** An Event Hubs emulator as a child process, on one port and one file for its whole life, restarts included. */
export interface TestEventHubs {
  readonly pid: number
  readonly connectionString: string
  /** Sends bodies, all to one partition, in order. */
  send(hub: string, partition: string, bodies: readonly (string | Buffer)[]): Promise<void>
  control<T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<T>
  state(): Promise<EmulatorState>
  kill(): Promise<void>
  restart(): Promise<void>
  /** Forgets everything that was ever sent, and starts again. */
  restartEmpty(): Promise<void>
  stop(): Promise<void>
}

interface Ready {
  readonly port: number
  readonly control: string
  readonly connectionString: string
}

export async function startEventHubs(hubs: readonly string[]): Promise<TestEventHubs> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-hubs-'))
  let file = 0
  let port = 0
  let child: ChildProcess
  let ready: Ready
  const begin = async (): Promise<void> => {
    const data = join(folder, `${file}.db`)
    const args = ['--port', String(port), '--data', data, ...hubs.flatMap((hub) => ['--hub', hub])]
    child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [line] = await once(createInterface({ input: child.stdout! }), 'line')
    ready = JSON.parse(line)
    port = ready.port
  }
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  await begin()
  const control = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) }
    const response = await fetch(`${ready.control}${path}`, init)
    if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`)
    return (await response.json()) as T
  }
  return {
    get pid() {
      return child.pid!
    },
    connectionString: ready!.connectionString,
    send: (hub, partition, bodies) => send(ready.connectionString, hub, partition, bodies),
    control,
    state: () => control('GET', '/state'),
    kill,
    async restart() {
      await kill()
      await begin()
    },
    async restartEmpty() {
      await kill()
      file++
      await begin()
    },
    async stop() {
      await kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function send(
  connectionString: string,
  hub: string,
  partitionId: string,
  bodies: readonly (string | Buffer)[],
): Promise<void> {
  const retryOptions = { retryDelayInMs: 100 }
  const producer = new EventHubProducerClient(connectionString, hub, { retryOptions })
  try {
    let batch = await producer.createBatch({ partitionId })
    for (const body of bodies) {
      if (batch.tryAdd({ body: Buffer.from(body) })) continue
      await producer.sendBatch(batch)
      batch = await producer.createBatch({ partitionId })
      if (!batch.tryAdd({ body: Buffer.from(body) })) throw new Error('a body larger than a message')
    }
    await producer.sendBatch(batch)
  } finally {
    await producer.close()
  }
}
