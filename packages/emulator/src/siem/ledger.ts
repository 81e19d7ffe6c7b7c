import { createReadStream, existsSync, readFileSync, statSync, truncateSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { createInterface } from 'node:readline'

export type Via = 'tls' | 'tcp' | 'hec'

/** One message as it was received. */
export interface Kept {
  /** From 1, without gaps. */
  readonly n: number
  /** Epoch milliseconds. */
  readonly at: number
  readonly via: Via
  /** A syslog message, or the JSON text of a HEC event. */
  readonly text: string
}

/** What was received, in a file of JSON lines that survives a kill. */
export class Ledger {
  readonly #path: string
  readonly #file: FileHandle
  readonly #onKept: (kept: Kept) => void
  #n = 0
  /** What is whole and on disk; beyond it a write may be under way. */
  #bytes = 0
  #pending: Kept[] = []
  #writing: Promise<void> | undefined

  private constructor(path: string, file: FileHandle, onKept: (kept: Kept) => void) {
    this.#path = path
    this.#file = file
    this.#onKept = onKept
  }

  /** Reads back what is there, each message through `onKept`, and goes on after it. */
  static async open(path: string, onKept: (kept: Kept) => void): Promise<Ledger> {
    cutHalfLine(path)
    const ledger = new Ledger(path, await open(path, 'a'), onKept)
    ledger.#bytes = statSync(path).size
    for await (const kept of ledger.read(0)) {
      ledger.#n = kept.n
      onKept(kept)
    }
    return ledger
  }

  get count(): number {
    return this.#n
  }

  /** Resolves when the messages are on disk; those who call together share one write and one fsync. */
  async append(via: Via, at: number, texts: readonly string[]): Promise<void> {
    for (const text of texts) this.#pending.push({ n: ++this.#n, at, via, text })
    if (this.#writing !== undefined) await this.#writing
    if (this.#pending.length === 0) return this.#writing
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined
    })
    await this.#writing
  }

  /** Messages after `n`, in order. */
  async *read(after: number): AsyncIterable<Kept> {
    if (this.#bytes === 0) return
    const input = createReadStream(this.#path, { end: this.#bytes - 1 })
    for await (const line of createInterface({ input })) {
      const kept = JSON.parse(line) as Kept
      if (kept.n > after) yield kept
    }
  }

  async close(): Promise<void> {
    await this.#writing
    await this.#file.close()
  }

  async #write(): Promise<void> {
    const batch = this.#pending
    this.#pending = []
    const bytes = Buffer.from(batch.map((kept) => `${JSON.stringify(kept)}\n`).join(''))
    await this.#file.appendFile(bytes)
    await this.#file.datasync()
    this.#bytes += bytes.length
    for (const kept of batch) this.#onKept(kept)
  }
}

/** A line that a kill cut in half was never acknowledged. */
function cutHalfLine(path: string): void {
  if (!existsSync(path)) return
  const bytes = readFileSync(path)
  const whole = bytes.lastIndexOf(0x0a) + 1
  if (whole < bytes.length) truncateSync(path, whole)
}
