import { access, constants } from 'node:fs/promises'
import { dirname } from 'node:path'
import { WeirError } from '@weir/runtime'
import { storeVersion } from '@weir/store'

/** Says the version of a store that could be used, or that one could be made. Throws `WeirError`. */
export async function lookAtStore(path: string): Promise<string> {
  // SQLite writes its log beside the file, so the folder must be writable as well.
  await writable(dirname(path))
  if (!(await exists(path))) return `${path} is not there yet; it can be made`
  await writable(path)
  const { found, known } = storeVersion(path)
  if (found > known)
    throw new WeirError('STORE_NEWER', `${path} has version ${found}, this Weir knows up to ${known}`)
  const next = found < known ? `, is brought to ${known} at the next start` : ''
  return `${path} can be written; version ${found}${next}`
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

async function writable(path: string): Promise<void> {
  try {
    await access(path, constants.W_OK)
  } catch (cause) {
    throw new WeirError('STORE_FAILED', `${path} cannot be written`, { cause })
  }
}
