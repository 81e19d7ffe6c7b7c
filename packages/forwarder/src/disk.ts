import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Clock, messageOf, type Report } from '@weir/runtime'

export interface DiskOptions {
  /** Of the spool. */
  readonly path: string
  /** 0 for a disk that is watched elsewhere. */
  readonly freeBytesMin: number
  /** Of the disk that holds a folder. */
  readonly freeBytes: (folder: string) => Promise<number>
  readonly changed: () => void
  readonly clock: Clock
  readonly report: Report
}

/** A disk fills within minutes where something floods it. */
const LOOK_MS = 60_000
/** It is over when so much more than the least is free: otherwise it would come and go. */
const FREE_SHARE_OVER = 1.1

/** Watches the disk of the spool; the aggregator is told while it is nearly full, and raises `disk-low`. */
export class Disk {
  readonly #options: DiskOptions
  #low: { readonly freeBytes: number; readonly freeBytesMin: number } | undefined

  constructor(options: DiskOptions) {
    this.#options = options
  }

  get low(): { readonly freeBytes: number; readonly freeBytesMin: number } | undefined {
    return this.#low
  }

  async watch(signal: AbortSignal): Promise<void> {
    const { path, clock, report } = this.#options
    while (!signal.aborted) {
      await this.#look().catch((error: unknown) =>
        report.event('error', 'disk_unread', { folder: dirname(path), error: messageOf(error) }),
      )
      await clock.sleep(LOOK_MS, signal)
    }
  }

  async #look(): Promise<void> {
    const { path, freeBytesMin, freeBytes: ask, changed, report } = this.#options
    const freeBytes = await ask(dirname(path))
    report.gauge('disk_free_bytes', { of: 'spool' }, freeBytes)
    const before = this.#low
    if (freeBytes < freeBytesMin) this.#low = { freeBytes, freeBytesMin }
    else if (freeBytes >= freeBytesMin * FREE_SHARE_OVER) this.#low = undefined
    if ((before === undefined) === (this.#low === undefined)) return
    report.event(this.#low === undefined ? 'info' : 'error', 'disk_low', { freeBytes, freeBytesMin })
    changed()
  }
}

/** Free for us, without what is kept for the superuser. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}
