import { type ChildProcess as NodeChild, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { getCompileCacheDir } from 'node:module'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { isObject, type JsonObject } from '@weir/model'

export interface ChildOptions<Ready> {
  /** For error texts. */
  readonly name: string
  readonly script: string
  readonly args: readonly string[]
  /** A command that starts it, such as `ip netns exec NAME`, and becomes it. */
  readonly through?: readonly string[]
  /** Added to the parent's environment. */
  readonly env?: Readonly<Record<string, string>>
  /** Standard error is appended here. */
  readonly logFile: string
  /** Reads the line that says the child is ready; `undefined` for any other line. */
  readonly ready: (line: string) => Ready | undefined
  /** A child that has said nothing for so long is killed and the start rejects. */
  readonly readySecondsMax?: number
}

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

interface Running<Ready> {
  readonly node: NodeChild
  readonly ready: Ready
  readonly exit: Promise<Exit>
}

/** What was compiled once is not compiled again, in children too. */
const CACHE = getCompileCacheDir()
const COMPILED = CACHE === undefined ? {} : { NODE_COMPILE_CACHE: CACHE }

const READY_SECONDS_MAX = 30
/** A child that has not ended so long after SIGTERM is killed. */
const STOP_SECONDS_MAX = 10
/** As much of a failed child's log as an error quotes. */
const LOG_TAIL_CHARS_MAX = 2_000

/** Ready line of Weir's own processes: `{"ready":true,"pid":…,…}`. */
export function readyLine(line: string): JsonObject | undefined {
  const value = parsed(line)
  return isObject(value) && value['ready'] === true ? value : undefined
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** Starts a script under this Node and waits until it is ready. Rejects with the tail of its log when it is not. */
export async function startChild<Ready>(options: ChildOptions<Ready>): Promise<Child<Ready>> {
  const child = new Child(options)
  await child.start(options.args)
  return child
}

/** A child process that never outlives this one. */
export class Child<Ready> {
  readonly #options: ChildOptions<Ready>
  #args: readonly string[] = []
  #running: Running<Ready> | undefined

  constructor(options: ChildOptions<Ready>) {
    this.#options = options
  }

  get ready(): Ready {
    return this.#now().ready
  }

  get pid(): number {
    return this.#now().node.pid!
  }

  /** How the running child ends, by itself or not. */
  get exit(): Promise<Exit> {
    return this.#now().exit
  }

  async start(args: readonly string[]): Promise<void> {
    this.#args = args
    const node = this.#spawn()
    const exit = exitOf(node)
    const ready = await this.#waitReady(node, exit)
    this.#running = { node, ready, exit }
  }

  /** Sends a signal and resolves when the process is gone. */
  async kill(signal: NodeJS.Signals): Promise<Exit> {
    const { node, exit } = this.#now()
    node.kill(signal)
    return exit
  }

  /** Kills it if it still runs, and starts it again, with other arguments if given. */
  async restart(args: readonly string[] = this.#args): Promise<void> {
    if (this.#running !== undefined) await this.kill('SIGKILL')
    await this.start(args)
  }

  /** SIGTERM, then SIGKILL for one that does not listen. Resolves when it is gone; safe to call twice. */
  async stop(): Promise<void> {
    if (this.#running === undefined) return
    const { node, exit } = this.#running
    const late = setTimeout(() => node.kill('SIGKILL'), STOP_SECONDS_MAX * 1_000)
    node.kill('SIGTERM')
    await exit
    clearTimeout(late)
  }

  #now(): Running<Ready> {
    if (this.#running === undefined) throw new Error(`${this.#options.name} was not started`)
    return this.#running
  }

  #spawn(): NodeChild {
    const { script, env, logFile, through = [] } = this.#options
    mkdirSync(dirname(logFile), { recursive: true })
    const log = openSync(logFile, 'a')
    const endWithStdin = new URL('./end-with-stdin.ts', import.meta.url).href
    const command = [...through, process.execPath, '--import', endWithStdin, script, ...this.#args]
    const node = spawn(command[0]!, command.slice(1), {
      env: { ...process.env, ...COMPILED, ...env },
      stdio: ['pipe', 'pipe', log],
    })
    closeSync(log)
    keep(node)
    return node
  }

  async #waitReady(node: NodeChild, exit: Promise<Exit>): Promise<Ready> {
    const seconds = this.#options.readySecondsMax ?? READY_SECONDS_MAX
    let late: NodeJS.Timeout | undefined
    try {
      return await Promise.race([
        this.#readyFrom(node),
        exit.then(({ code, signal }) => this.#fail(`ended with ${code ?? signal}`)),
        new Promise<never>((_, reject) => {
          late = setTimeout(() => reject(this.#error(`was not ready after ${seconds} s`)), seconds * 1_000)
        }),
      ])
    } catch (error) {
      node.kill('SIGKILL')
      throw error
    } finally {
      clearTimeout(late)
    }
  }

  /** Lines after the ready line are read on, or a chatty child would block on a full pipe. */
  #readyFrom(node: NodeChild): Promise<Ready> {
    return new Promise((resolve) => {
      createInterface({ input: node.stdout! }).on('line', (line) => {
        const ready = this.#options.ready(line)
        if (ready !== undefined) resolve(ready)
      })
    })
  }

  #fail(what: string): never {
    throw this.#error(what)
  }

  #error(what: string): Error {
    const log = readFileSync(this.#options.logFile, 'utf8').slice(-LOG_TAIL_CHARS_MAX)
    return new Error(`${this.#options.name} ${what}\n${log}`)
  }
}

async function exitOf(node: NodeChild): Promise<Exit> {
  const [code, signal] = await once(node, 'exit')
  return { code, signal }
}

const alive = new Set<NodeChild>()

/** Remembers a child until it ends, so that an exit of this process, however it comes, takes it along. */
function keep(node: NodeChild): void {
  if (alive.size === 0) process.on('exit', killAll)
  alive.add(node)
  // A child that dies breaks the pipe to its standard input; its exit says so already.
  node.stdin?.on('error', () => undefined)
  node.once('exit', () => {
    alive.delete(node)
    if (alive.size === 0) process.off('exit', killAll)
  })
}

function killAll(): void {
  for (const node of alive) node.kill('SIGKILL')
}
