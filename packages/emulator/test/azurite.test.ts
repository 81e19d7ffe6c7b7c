import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AppendBlobClient, BlobServiceClient } from '@azure/storage-blob'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Azurite, startAzurite } from '../src/azurite.ts'

const APPENDS = 150
const READERS = 6

let folder: string
let azurite: Azurite

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weir-azurite-'))
  azurite = await startAzurite({ folder, port: 0 })
})
afterAll(async () => {
  await azurite?.stop()
  rmSync(folder, { recursive: true, force: true })
})

test('what is read while a blob grows is one version of it: its length is the one of its ETag', async () => {
  const service = BlobServiceClient.fromConnectionString(azurite.connectionString())
  const container = service.getContainerClient('logs')
  await container.create()
  const blob = container.getAppendBlobClient('PT1H.json')
  await blob.create()
  const lengths = new Map<string | undefined, number>()
  const reads: { readonly etag: string | undefined; readonly total: number }[] = []
  let growing = true
  const reader = async (): Promise<void> => {
    while (growing) {
      const { etag, contentRange } = await readFirstByte(blob)
      reads.push({ etag, total: Number(contentRange?.split('/')[1]) })
    }
  }

  const first = await blob.appendBlock('x', 1)
  lengths.set(first.etag, 1)
  const reading = Array.from({ length: READERS }, reader)
  for (let length = 2; length <= APPENDS; length++) lengths.set((await blob.appendBlock('x', 1)).etag, length)
  growing = false
  await Promise.all(reading)

  expect(reads.length).toBeGreaterThan(READERS)
  expect(reads.filter(({ etag, total }) => lengths.get(etag) !== total)).toEqual([])
})

async function readFirstByte(blob: AppendBlobClient) {
  const answer = await blob.download(0, 1)
  answer.readableStreamBody?.resume()
  return answer
}
