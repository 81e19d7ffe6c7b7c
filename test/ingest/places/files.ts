import { randomUUID } from 'node:crypto'
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FILE_BOUNDS, fileSource } from '@weir/ingest'
import { deps, type Place, type Places } from './place.ts'

export async function filePlaces(): Promise<Places> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-contract-'))
  return {
    async place(): Promise<Place> {
      const path = join(folder, randomUUID())
      return {
        write: async (lines) => appendFileSync(path, lines.map((line) => `${line}\n`).join('')),
        source(bytesInFlightMax = FILE_BOUNDS.bytesInFlightMax) {
          const bounds = { ...FILE_BOUNDS, chunkBytes: 1_000, bytesInFlightMax }
          return fileSource({ ...bounds, name: 'source', inputs: [path] }, deps)
        },
      }
    },
    async close() {
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
