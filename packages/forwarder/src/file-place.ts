import type { Stats } from 'node:fs'
import { access, constants, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Says that a file could be written at `path`, also where its folders are missing yet; makes none. Rejects otherwise. */
export async function lookAtPlace(path: string): Promise<string> {
  const folder = await nearestFolder(dirname(path))
  await access(folder, constants.W_OK | constants.X_OK)
  const file = folder === dirname(path) ? await statOf(path) : undefined
  if (file === undefined) return `${path} is not there yet; it can be made`
  if (!file.isFile()) throw new Error(`${path} is no file`)
  await access(path, constants.W_OK)
  return `${path} can be written`
}

/** The folder itself, or the one in which the missing ones would be made. */
async function nearestFolder(path: string): Promise<string> {
  const found = await statOf(path)
  if (found === undefined) return nearestFolder(dirname(path))
  if (found.isDirectory()) return path
  throw new Error(`${path} is no folder`)
}

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
