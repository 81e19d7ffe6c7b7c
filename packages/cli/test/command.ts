import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const WEIR = new URL('../bin/weir.js', import.meta.url).pathname

/** What Node has compiled once is kept for the many processes of a test run. */
const COMPILED = join(tmpdir(), 'weir-cli-compiled')

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

interface Surroundings {
  readonly input?: string | Buffer
  readonly env?: Readonly<Record<string, string>>
}

/** Runs the real command to its end. */
export async function weir(args: readonly string[], { input, env }: Surroundings = {}): Promise<Ended> {
  const child = begin(args, env)
  const told = { stdout: '', stderr: '' }
  child.stdout!.on('data', (chunk) => {
    told.stdout += chunk
  })
  child.stderr!.on('data', (chunk) => {
    told.stderr += chunk
  })
  child.stdin!.on('error', () => undefined)
  child.stdin!.end(input)
  const [code] = await once(child, 'close')
  return { code, ...told }
}

/** Runs the real command and stops reading after its first line, as `head -1` does. */
export async function weirHead(args: readonly string[]): Promise<Ended> {
  const child = begin(args)
  const [line] = await once(createInterface({ input: child.stdout! }), 'line')
  child.stdout!.destroy()
  let stderr = ''
  child.stderr!.on('data', (chunk) => {
    stderr += chunk
  })
  const [code] = await once(child, 'close')
  return { code, stdout: line, stderr }
}

/** Starts a side and waits until it says that it is ready. */
export async function startSide(args: readonly string[]): Promise<{ url: string; stop(): Promise<void> }> {
  const child = begin(args)
  child.stderr!.resume()
  const [line] = await once(createInterface({ input: child.stdout! }), 'line')
  return {
    url: JSON.parse(line).url,
    async stop() {
      child.kill('SIGTERM')
      if (child.exitCode === null) await once(child, 'exit')
    },
  }
}

function begin(args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
  const { WEIR_URL: _url, WEIR_TOKEN: _token, ...rest } = process.env
  return spawn(process.execPath, [WEIR, ...args], { env: { ...rest, NODE_COMPILE_CACHE: COMPILED, ...env } })
}

/** A folder of its own, and how to take it away. */
export function tempFolder(): { readonly at: (...names: string[]) => string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'weir-cli-'))
  return {
    at: (...names) => join(folder, ...names),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
