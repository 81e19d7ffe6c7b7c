import { once } from 'node:events'
import { createWriteStream } from 'node:fs'

/** Data goes to standard output, everything else to standard error. */
export interface Output {
  line(text: string): void
  json(value: unknown): void
  note(text: string): void
}

export function outputOf(target: NodeJS.Process): Output {
  const line = (text: string): void => void target.stdout.write(`${text}\n`)
  return {
    line,
    json: (value) => line(JSON.stringify(value)),
    note: (text) => void target.stderr.write(`${text}\n`),
  }
}

/** A file of JSON lines, or nothing at all when no path is given. */
export class JsonLines {
  readonly #stream: ReturnType<typeof createWriteStream> | undefined

  constructor(path: string | undefined) {
    this.#stream = path === undefined ? undefined : createWriteStream(path)
  }

  /** Waits while the disk is slower than we are. */
  async write(value: unknown): Promise<void> {
    if (this.#stream?.write(`${JSON.stringify(value)}\n`) === false) await once(this.#stream, 'drain')
  }

  async close(): Promise<void> {
    if (this.#stream === undefined) return
    this.#stream.end()
    await once(this.#stream, 'finish')
  }
}
