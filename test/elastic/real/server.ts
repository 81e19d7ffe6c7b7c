import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'

export type Product = 'elastic' | 'opensearch'

export interface RealServer {
  readonly url: string
  readonly product: Product
  /** Started here, of what is published of it: Elasticsearch lacks what its modules bring. */
  readonly bare: boolean
  stop(): Promise<void>
}

/** Starts a real server on this machine. Needs Java 17 and Maven, which fetches the server the first time (70 MB). */
export async function startServer(product: Product): Promise<RealServer> {
  const home = mkdtempSync(join(tmpdir(), 'weir-real-'))
  for (const name of ['config', 'modules', 'plugins', 'logs']) mkdirSync(join(home, name))
  const port = await freePort()
  const words = product === 'elastic' ? elasticsearch(home) : opensearch(home)
  const java = spawn('java', ['-Xmx512m', ...words, home, String(port)], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const stop = async (): Promise<void> => {
    java.stdin.end()
    if (java.exitCode === null) await once(java, 'exit')
    rmSync(home, { recursive: true, force: true })
  }
  await ready(java)
  return { url: `http://127.0.0.1:${port}`, product, bare: product === 'elastic', stop }
}

const FOLDER = import.meta.dirname

/** Its classes lie in modules of Java's, which the program that starts it must be compiled against. */
function elasticsearch(home: string): string[] {
  const server = jarsOf('elasticsearch/pom.xml', home)
  const module = join(home, 'modules/transport-netty4')
  mkdirSync(module)
  const there = new Set(server.map((jar) => basename(jar)))
  for (const jar of jarsOf('elasticsearch/netty.xml', home))
    if (!there.has(basename(jar))) copyFileSync(jar, join(module, basename(jar)))
  const descriptor = 'plugin-descriptor.properties'
  copyFileSync(join(FOLDER, 'elasticsearch', descriptor), join(module, descriptor))
  const path = ['-p', server.join(delimiter), '--add-modules']
  const source = join(FOLDER, 'elasticsearch/OneNode.java')
  execFileSync('javac', [...path, 'org.elasticsearch.server', '-d', join(home, 'classes'), source])
  return [...path, 'ALL-MODULE-PATH', '-cp', join(home, 'classes'), 'OneNode']
}

function opensearch(home: string): string[] {
  const path = jarsOf('opensearch/pom.xml', home).join(delimiter)
  return ['-cp', path, join(FOLDER, 'opensearch/OneNode.java')]
}

/** What a project depends on, and that again. */
function jarsOf(project: string, home: string): string[] {
  const list = join(home, 'jars')
  const goal = ['-q', '-B', '-f', join(FOLDER, project), 'dependency:build-classpath']
  execFileSync('mvn', [...goal, `-Dmdep.outputFile=${list}`], { stdio: ['ignore', 'ignore', 'inherit'] })
  return readFileSync(list, 'utf8').trim().split(delimiter)
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
  throw new Error('the server ended before it was ready')
}
