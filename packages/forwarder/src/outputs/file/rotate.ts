import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import type { FileConfig } from './config.ts'

/** What a packed file's name ends with. */
export const SUFFIXES = { gzip: '.gz', zstd: '.zst' } as const

/** As it was written, and as older ones may be. */
const ENDINGS = ['', ...Object.values(SUFFIXES)]

/**
 * `path.1` is the youngest of the older files. They are renamed, never copied, so that a reader who knows a file by
 * its first bytes or its inode goes on where it was.
 */
export async function rotate({ path, keep }: FileConfig): Promise<void> {
  const free = firstFree(path, keep)
  if (free === undefined) for (const ending of ENDINGS) await rm(`${path}.${keep}${ending}`, { force: true })
  for (let n = (free ?? keep) - 1; n >= 1; n--) {
    for (const ending of ENDINGS) await moveIfThere(`${path}.${n}${ending}`, `${path}.${n + 1}${ending}`)
  }
  await rename(path, `${path}.1`)
}

/** A crash in the middle of a rotation left a number free: those behind it need not move again. */
function firstFree(path: string, keep: number): number | undefined {
  const numbers = Array.from({ length: keep }, (_, i) => i + 1)
  return numbers.find((n) => !ENDINGS.some((ending) => existsSync(`${path}.${n}${ending}`)))
}

async function moveIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
