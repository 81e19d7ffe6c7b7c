import { readFile } from 'node:fs/promises'
import { type FieldMap, FieldMapError, readFieldMaps } from '@weir/engine'
import { WeirError } from '@weir/runtime'

/** The maps in a --map file. Throws `WeirError` INPUT_UNREADABLE, or CONFIG_INVALID with the place. */
export async function readMaps(path: string | undefined): Promise<readonly FieldMap[]> {
  if (path === undefined) return []
  const text = await textOf(path)
  try {
    return readFieldMaps(JSON.parse(text))
  } catch (cause) {
    if (!(cause instanceof FieldMapError) && !(cause instanceof SyntaxError)) throw cause
    throw new WeirError('CONFIG_INVALID', path, { cause })
  }
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new WeirError('INPUT_UNREADABLE', `cannot read ${path}`, { cause })
  }
}
