import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { WeirError } from '@weir/runtime'

/** Standard input, among paths. */
export const STDIN = '-'

/**
 * The files that inputs name: a file is itself, a folder every file below it, sorted by path; names that begin
 * with a full stop are left out. Throws `WeirError` INPUT_UNREADABLE.
 */
export async function filesOf(inputs: readonly string[]): Promise<string[]> {
  const files: string[] = []
  for (const input of inputs) {
    if (input === STDIN) files.push(STDIN)
    else files.push(...(await below(input)))
  }
  return files
}

async function below(path: string): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path]
    const entries = (await readdir(path)).filter((name) => !name.startsWith('.')).sort()
    const nested = await Promise.all(entries.map((name) => below(join(path, name))))
    return nested.flat()
  } catch (cause) {
    if (cause instanceof WeirError) throw cause
    throw new WeirError('INPUT_UNREADABLE', `cannot read ${path}`, { cause })
  }
}
