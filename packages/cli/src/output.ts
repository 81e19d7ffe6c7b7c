import { once } from 'node:events'
import { type FileHandle, open } from 'node:fs/promises'
import type { Writable } from 'node:stream'
import { writing } from './writing.ts'

/** Data goes to standard output, everything else to standard error. */
export interface Output {
  line(text: string): void
  json(value: unknown): void
  /** Bytes and a newline. */
  bytes(bytes: Uint8Array): void
  note(text: string): void
  /** Resolves once standard output takes more. */
  ready(): Promise<void>
  /** Resolves once all of it has left the process. */
  flushed(): Promise<void>
}

export function outputOf(target: NodeJS.Process): Output {
  const line = (text: string): void => void target.stdout.write(`${text}\n`)
  return {
    line,
    json: (value) => line(JSON.stringify(value)),
    bytes: (bytes) => void target.stdout.write(Buffer.concat([bytes, Buffer.from('\n')])),
    note: (text) => void target.stderr.write(`${text}\n`),
    ready: () => drained(target.stdout),
    flushed: () => new Promise((done) => target.stdout.write('', () => done())),
  }
}

async function drained(stream: Writable): Promise<void> {
  if (stream.writableNeedDrain) await once(stream, 'drain')
}

/** A file of JSON lines, or nothing at all when no path is given. Throws `WeirError` OUTPUT_FAILED. */
export class JsonLines {
  readonly #path: string
  readonly #file: FileHandle | undefined
  #waiting = ''

  private constructor(path: string, file: FileHandle | undefined) {
    this.#path = path
    this.#file = file
  }

  /** Opened before the work that fills it, so that a path that cannot be written costs nothing. */
  static async open(path: string | undefined): Promise<JsonLines> {
    if (path === undefined) return new JsonLines('', undefined)
    return new JsonLines(path, await writing(path, () => open(path, 'w')))
  }

  async write(value: unknown): Promise<void> {
    if (this.#file === undefined) return
    this.#waiting += `${JSON.stringify(value)}\n`
    if (this.#waiting.length > BUFFER_CHARACTERS) await this.#flush(this.#file)
  }

  async close(): Promise<void> {
    if (this.#file === undefined) return
    await this.#flush(this.#file)
    await this.#file.close()
  }

  async #flush(file: FileHandle): Promise<void> {
    const text = this.#waiting
    this.#waiting = ''
    await writing(this.#path, () => file.appendFile(text))
  }
}

/** Lines kept back so that a write carries many; at this size they are written. */
const BUFFER_CHARACTERS = 256 * 1024
