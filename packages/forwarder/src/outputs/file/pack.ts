import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { chmod, rename, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGzip, createZstdCompress } from 'node:zlib'
import type { FileConfig } from './config.ts'
import { SUFFIXES } from './rotate.ts'

/**
 * Packs the older files but `path.1`, which a reader may not have read to its end. At any instant one whole file is
 * there: under its packed name, or under the plain one.
 */
export async function packOlder({ path, keep, compression, mode }: FileConfig): Promise<void> {
  if (compression === 'none') return
  for (let n = 2; n <= keep; n++) {
    const [plain, packed] = [`${path}.${n}`, `${path}.${n}${SUFFIXES[compression]}`]
    if (!existsSync(plain)) continue
    // Both are there when a crash came between the two: the packed one is whole.
    if (!existsSync(packed)) await packFile(plain, packed, compression, mode)
    await rm(plain, { force: true })
  }
}

async function packFile(plain: string, packed: string, how: 'gzip' | 'zstd', mode: number): Promise<void> {
  const part = `${packed}.part`
  const packing = how === 'gzip' ? createGzip() : createZstdCompress()
  await pipeline(createReadStream(plain), packing, createWriteStream(part, { mode, flush: true }))
  await chmod(part, mode)
  await rename(part, packed)
}
