import { open, realpath, rename, rm, stat } from 'node:fs/promises'
import { writing } from './writing.ts'

/**
 * Puts another text in place of a file's, with its permissions: who reads meanwhile sees the one or the other. A link
 * stays a link. Throws `WeirError` OUTPUT_FAILED, and then the file is as it was.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  await writing(path, async () => {
    const target = await realpath(path)
    const beside = `${target}.${process.pid}.tmp`
    try {
      await writeThrough(beside, text, (await stat(target)).mode)
      await rename(beside, target)
    } catch (error) {
      await rm(beside, { force: true })
      throw error
    }
  })
}

/** Resolves once it is on disk: a rename that outlives a crash must not show an empty file. */
async function writeThrough(path: string, text: string, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}
