import { statfs } from 'node:fs/promises'
import type { HealthReport } from '@weir/model'
import { type Clock, messageOf, type Report } from '@weir/runtime'

interface DiskPorts {
  readonly clock: Clock
  readonly report: Report
  readonly health: (report: HealthReport) => void
  /** Of the disk that holds a folder. */
  readonly freeBytes: (folder: string) => Promise<number>
}

/** A disk fills within minutes where something floods it. */
const LOOK_MS = 30_000
/** It is over when so much more than the least is free: otherwise it would come and go with every commit. */
const FREE_SHARE_OVER = 1.1

/** Every half minute until the signal aborts: says when the disk of the store is nearly full, and when it is not. */
export async function watchDisk(
  { folder, freeBytesMin }: { readonly folder: string; readonly freeBytesMin: number },
  { clock, report, health, freeBytes }: DiskPorts,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const free = await freeBytes(folder)
      report.gauge('disk_free_bytes', { of: 'store' }, free)
      const state = free < freeBytesMin ? 'raised' : 'cleared'
      const detail = `${free} bytes are free for ${folder}; the least is ${freeBytesMin}.`
      if (state === 'raised' || free >= freeBytesMin * FREE_SHARE_OVER)
        health({ code: 'disk-low', subject: 'store', state, detail })
    } catch (error) {
      report.event('error', 'disk_unread', { folder, error: messageOf(error) })
    }
    await clock.sleep(LOOK_MS, signal)
  }
}

/** Free for us, without what is kept for the superuser. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}
