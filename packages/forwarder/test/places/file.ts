import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AlertV1 } from '@weir/contract'
import type { OutputPlaceType } from './place.ts'

export const FILE_PLACE: OutputPlaceType = {
  name: 'file',
  can: [],
  open: async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'weir-place-')), 'alerts.ndjson')
    const lines = () =>
      existsSync(path) && statSync(path).isFile()
        ? readFileSync(path, 'utf8')
            .split('\n')
            .filter((line) => line !== '')
        : []
    return {
      config: { type: 'file', path },
      received: () => lines().map((line) => revisionOf(JSON.parse(line) as AlertV1)),
      // A folder in its place cannot be written to.
      down: async () => void mkdirSync(path),
      up: async () => rmSync(path, { recursive: true }),
      close: async () => rmSync(path, { recursive: true, force: true }),
    }
  },
}

function revisionOf({ weir: { alert } }: AlertV1): string {
  return `${alert.id} ${alert.revision}`
}
