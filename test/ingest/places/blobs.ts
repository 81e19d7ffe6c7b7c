import { randomUUID } from 'node:crypto'
import { BLOB_BOUNDS, type BlobContainer, blobSource } from '@weir/ingest'
import { startAzurite } from '../azurite.ts'
import { deps, type Place, type Places } from './place.ts'

export const appendedPlaces = (): Promise<Places> => blobPlaces('append')
export const blobFilePlaces = (): Promise<Places> => blobPlaces('files')

async function blobPlaces(kind: BlobContainer['kind']): Promise<Places> {
  const azurite = await startAzurite()
  return {
    async place(): Promise<Place> {
      const container = azurite.service.getContainerClient(`c-${randomUUID()}`)
      await container.create()
      const [day, time] = new Date().toISOString().split('T') as [string, string]
      const [year, month, date] = day.split('-')
      const name = `resourceId=/S/y=${year}/m=${month}/d=${date}/h=${time.slice(0, 2)}/m=00/PT1H.json`
      const blob = container.getAppendBlobClient(name)
      await blob.create()
      return {
        async write(lines) {
          const text = lines.map((line) => `${line}\n`).join('')
          await blob.appendBlock(text, text.length)
        },
        source(bytesInFlightMax = BLOB_BOUNDS.bytesInFlightMax) {
          const auth = { kind: 'emulator', connectionString: azurite.connectionString } as const
          const containers = [{ container: container.containerName, kind }]
          const bounds = { ...BLOB_BOUNDS, pollMs: 20, chunkBytes: 1_000, bytesInFlightMax }
          return blobSource({ ...bounds, name: 'source', auth, containers }, deps)
        },
      }
    },
    async close() {
      await azurite.kill()
    },
  }
}
