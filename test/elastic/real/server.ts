import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface RealServer {
  readonly url: string
  stop(): Promise<void>
}

/** Starts a real OpenSearch on this machine. Needs Java 17 and Maven, which fetches it the first time (70 MB). */
export async function startOpenSearch(): Promise<RealServer> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-opensearch-'))
  for (const name of ['config', 'modules', 'plugins', 'logs']) mkdirSync(join(folder, name))
  const port = await freePort()
  const source = join(import.meta.dirname, 'OneNode.java')
  const java = spawn('java', ['-Xmx512m', '-cp', classPath(folder), source, folder, String(port)], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  await ready(java)
  const stop = async () => {
    java.stdin.end()
    await once(java, 'exit')
    rmSync(folder, { recursive: true, force: true })
  }
  return { url: `http://127.0.0.1:${port}`, stop }
}

function classPath(folder: string): string {
  const file = join(folder, 'class-path')
  const goal = ['-q', '-B', '-f', join(import.meta.dirname, 'pom.xml'), 'dependency:build-classpath']
  execFileSync('mvn', [...goal, `-Dmdep.outputFile=${file}`], { stdio: ['ignore', 'ignore', 'inherit'] })
  return readFileSync(file, 'utf8').trim()
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  return port
}

async function ready(java: ChildProcess): Promise<void> {
  const lines = createInterface({ input: java.stdout! })
  for await (const line of lines) if (line === 'ready') return
  throw new Error('OpenSearch ended before it was ready')
}
