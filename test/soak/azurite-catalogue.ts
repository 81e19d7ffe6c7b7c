import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BlobServiceClient } from '@azure/storage-blob'
import { startAzurite } from '@weir/emulator'

/** A collection of Azurite's catalogue, as its database writes it to disk. */
interface Collection {
  readonly name: string
  data: Row[]
  maxId: number
  /** For each indexed member the places of the rows, in the order of its values. */
  readonly binaryIndices: Record<string, { values: number[]; dirty: boolean }>
}

type Row = Record<string, unknown> & { readonly properties: object }

/**
 * Makes a folder of Azurite's that holds these empty append blobs. To make each through its API takes hours; so one is
 * made, and the catalogue gets as many rows like it.
 */
export async function fillAzurite(
  folder: string,
  containers: readonly string[],
  blobs: readonly { readonly container: string; readonly name: string }[],
): Promise<void> {
  const azurite = await startAzurite({ folder, port: 0 })
  const service = BlobServiceClient.fromConnectionString(azurite.connectionString())
  for (const name of containers) await service.getContainerClient(name).create()
  await service.getContainerClient(containers[0]!).getAppendBlobClient('one').create()
  await azurite.stop()
  const file = join(folder, '__azurite_db_blob__.json')
  const catalogue = JSON.parse(readFileSync(file, 'utf8')) as { readonly collections: Collection[] }
  multiply(catalogue.collections.find(({ name }) => name === '$BLOBS_COLLECTION$')!, blobs)
  writeFileSync(file, JSON.stringify(catalogue))
}

function multiply(
  collection: Collection,
  blobs: readonly { readonly container: string; readonly name: string }[],
): void {
  const one = collection.data[0]!
  collection.data = blobs.map(({ container, name }, n) => ({
    ...one,
    containerName: container,
    name,
    properties: { ...one.properties, etag: `"0x${(n + 1).toString(16).toUpperCase().padStart(15, '0')}"` },
    $loki: n + 1,
  }))
  collection.maxId = blobs.length
  for (const [member, index] of Object.entries(collection.binaryIndices))
    index.values = inOrder(collection.data.map((row) => String(row[member])))
}

/** The places of texts, in the order of the texts. */
function inOrder(texts: readonly string[]): number[] {
  return texts
    .map((_, place) => place)
    .sort((a, b) => (texts[a]! < texts[b]! ? -1 : texts[a] === texts[b] ? 0 : 1))
}
