import { access } from 'node:fs/promises'
import type { MessagePlace, Refetched } from '@weir/model'
import { allGone, type ObjectPlace, wantedOf } from '../places.ts'
import { STDIN } from './inputs.ts'
import { type FileDeps, fileMessages } from './messages.ts'
import type { FileBounds } from './pieces.ts'

/**
 * Reads files again from their beginning, each once; what came by standard input is gone. Rejects amid a file when the
 * signal aborts.
 */
export async function* refetchFiles(
  bounds: FileBounds,
  deps: FileDeps,
  places: readonly MessagePlace[],
  signal: AbortSignal,
): AsyncGenerator<Refetched> {
  for (const [path, wanted] of byFile(places)) {
    if (path === STDIN || !(await isThere(path))) yield* allGone(wanted, 'retention')
    else yield* wantedOf(wanted, withOffsets(path, deps, bounds, signal))
  }
}

function byFile(places: readonly MessagePlace[]): Map<string, ObjectPlace[]> {
  const files = new Map<string, ObjectPlace[]>()
  for (const { partition, at } of places)
    files.set(partition, [...(files.get(partition) ?? []), { partition, at, offset: Number(at) }])
  return files
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

async function* withOffsets(path: string, deps: FileDeps, bounds: FileBounds, signal: AbortSignal) {
  for await (const message of fileMessages(path, deps, bounds)) {
    signal.throwIfAborted()
    yield { message, offset: Number(message.at) }
  }
}
