import { type FileHandle, open } from 'node:fs/promises'
import { STDIN } from '@weir/ingest'
import type { InputWatch } from '../inputs.ts'

/** Milliseconds between two drawings: a terminal is slow, and nobody reads faster. */
const DRAW_MS_MIN = 200
/** Bytes that a compressed byte of logs becomes, until a file has shown it. */
const FIRST_RATIO = 10

/** A file as far as progress needs it. */
export interface Measured {
  readonly file: string
  /** Bytes on disk. */
  readonly bytes: number
  readonly packed: boolean
}

/**
 * How far a replay is, on a terminal: bytes on disk done of all, bytes a second, time left. How far it is within a
 * compressed file is estimated by what those before it became.
 */
export class Progress implements InputWatch {
  readonly #files: ReadonlyMap<string, Measured>
  readonly #total: number
  readonly #now: () => number
  readonly #draw: (text: string) => void
  readonly #label: string
  readonly #began: number
  readonly #read = new Map<string, number>()
  #finished = 0
  #packed = { disk: 0, raw: 0 }
  #drawnAt = Number.NEGATIVE_INFINITY
  #shown = false

  /** @param now milliseconds; @param draw takes text for the terminal; @param label stands before the figures. */
  constructor(files: readonly Measured[], now: () => number, draw: (text: string) => void, label = '') {
    this.#files = new Map(files.map((each) => [each.file, each]))
    this.#total = files.reduce((sum, each) => sum + each.bytes, 0)
    this.#now = now
    this.#draw = draw
    this.#label = label
    this.#began = now()
  }

  read(file: string, bytes: number): void {
    this.#read.set(file, (this.#read.get(file) ?? 0) + bytes)
    this.#redraw()
  }

  ended(file: string): void {
    const { bytes, packed } = this.#of(file)
    const raw = this.#read.get(file) ?? 0
    this.#read.delete(file)
    this.#finished += file === STDIN ? raw : bytes
    if (packed) this.#packed = { disk: this.#packed.disk + bytes, raw: this.#packed.raw + raw }
    this.#redraw()
  }

  /** Takes the line away again. */
  clear(): void {
    if (this.#shown) this.#draw('\r\x1b[K')
    this.#shown = false
  }

  #redraw(): void {
    const now = this.#now()
    if (now - this.#drawnAt < DRAW_MS_MIN) return
    this.#drawnAt = now
    this.#shown = true
    this.#draw(`\r\x1b[K${this.#label}${this.#line((now - this.#began) / 1000)}`)
  }

  #line(seconds: number): string {
    const done =
      this.#finished + [...this.#read].reduce((sum, [file, raw]) => sum + this.#onDisk(file, raw), 0)
    const rate = seconds > 0 ? done / seconds : 0
    if (this.#files.has(STDIN)) return `${megabytes(done)}, ${megabytes(rate)}/s`
    const left = rate > 0 ? `, ${time((this.#total - done) / rate)} left` : ''
    return `${megabytes(done)} of ${megabytes(this.#total)}, ${megabytes(rate)}/s${left}`
  }

  #onDisk(file: string, raw: number): number {
    const { bytes, packed } = this.#of(file)
    if (file === STDIN) return raw
    const ratio = this.#packed.raw > 0 ? this.#packed.raw / this.#packed.disk : FIRST_RATIO
    return Math.min(bytes, packed ? raw / ratio : raw)
  }

  #of(file: string): Measured {
    return this.#files.get(file) ?? { file, bytes: 0, packed: false }
  }
}

/** Looks at the size and the first bytes of every file; one that cannot be read counts nothing. */
export async function measured(files: readonly string[]): Promise<Measured[]> {
  return Promise.all(files.map(measure))
}

async function measure(file: string): Promise<Measured> {
  let handle: FileHandle | undefined
  try {
    handle = file === STDIN ? undefined : await open(file)
    if (handle === undefined) return { file, bytes: 0, packed: false }
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0)
    return { file, bytes: (await handle.stat()).size, packed: isPacked(buffer.subarray(0, bytesRead)) }
  } catch {
    // Whoever reads it will say so.
    return { file, bytes: 0, packed: false }
  } finally {
    await handle?.close()
  }
}

/** gzip or zstd. */
function isPacked(head: Buffer): boolean {
  return head.length === 4 && ((head[0] === 0x1f && head[1] === 0x8b) || head.readUInt32LE(0) === 0xfd2fb528)
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}

function time(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds))
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60]
  if (hours > 0) return `${hours} h ${minutes} min`
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`
}
