import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'

export interface Program {
  /** Rejects with what the program said when it ends by itself; never resolves. */
  readonly failed: Promise<never>
  /** From now on it takes nothing more, and what is sent to it piles up in the kernels. */
  pause(): void
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>
}

/** Runs a program until it is stopped. */
export function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Program {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  const said: string[] = []
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => said.push(data.toString()))
  let stopping = false
  const failed = new Promise<never>((_, reject) => {
    child.once('close', (code) => {
      if (!stopping) reject(new Error(`${command} ended with ${code}: ${said.join('')}`))
    })
  })
  failed.catch(() => undefined)
  return {
    failed,
    pause: () => void child.kill('SIGSTOP'),
    stop: async (signal = 'SIGTERM') => {
      stopping = true
      await ended(child, signal)
    },
  }
}

/** The first of several paths that is there. */
export function found(paths: readonly string[]): string | undefined {
  return paths.find((path) => existsSync(path))
}

async function ended(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill(signal)
  await once(child, 'exit')
}
