import type { ContainerClient } from '@azure/storage-blob'
import type { Layout } from './layout.ts'

/** Asks for the folders right below a prefix; one request each (more where a folder holds over 5000). */
export type ListFolders = (prefix: string) => Promise<readonly string[]>

/**
 * The resources of a container: the folders in which the first year lies (`<resource>y=2026/`, or as the layout has it), found by
 * walking folder by folder, level by level. Blobs themselves are never listed, and no folder below a year.
 * Stops at `resourcesMax`.
 */
export async function discoverResources(
  roots: readonly string[],
  list: ListFolders,
  layout: Layout,
  resourcesMax: number,
): Promise<Set<string>> {
  const found = new Set<string>()
  let level: readonly string[] = roots
  while (level.length > 0 && found.size < resourcesMax) {
    const below: string[] = []
    await Promise.all(
      level.map(async (prefix) => {
        for (const folder of await list(prefix)) {
          if (!layout.isYear(prefix, folder)) below.push(folder)
          else if (found.size < resourcesMax) found.add(prefix)
        }
      }),
    )
    level = below
  }
  return found
}

export async function listFolders(
  container: ContainerClient,
  prefix: string,
  abortSignal: AbortSignal,
): Promise<string[]> {
  const folders: string[] = []
  for await (const item of container.listBlobsByHierarchy('/', { prefix, abortSignal }))
    if (item.kind === 'prefix') folders.push(item.name)
  return folders
}
