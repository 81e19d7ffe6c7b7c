import { mkdirSync, writeFileSync } from 'node:fs'
import { HEALTH } from '@weir/model'
import { DATASETS } from '@weir/normalize'
import { ERRORS } from '@weir/runtime'
import { errorsPage, fieldsPage, healthPage } from './pages.ts'

/** Pages that are made from tables in the code, by name in docs/. */
export const PAGES: Readonly<Record<string, () => string>> = {
  'errors.md': () => errorsPage(ERRORS),
  'health.md': () => healthPage(HEALTH),
  'fields.md': () => fieldsPage(DATASETS),
}

export const DOCS = new URL('../../docs/', import.meta.url)

if (import.meta.main) {
  mkdirSync(DOCS, { recursive: true })
  for (const [name, make] of Object.entries(PAGES)) writeFileSync(new URL(name, DOCS), make())
}
