import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
// biome-ignore lint/style/noRestrictedImports: how CEF is escaped is no part of the package's public face
import { clean, renderCef } from '../../packages/forwarder/src/formats/cef-text.ts'
// biome-ignore lint/style/noRestrictedImports: as above
import { type Cef, parseCef } from '../../packages/normalize/src/formats/cef.ts'

/** Published CEF messages, read by the source that takes CEF, written by the output, and read again. */
const CORPUS = process.env['WEIR_CORPUS']
const FOLDER = join(CORPUS ?? '', 'cef-parser/src/test/resources/com/github/jcustenborder/cef/messages')

test.skipIf(CORPUS === undefined)('published CEF messages come through reading and writing unchanged', () => {
  const inputs = readdirSync(FOLDER).map(
    (name) => (JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as { input: string }).input,
  )
  let compared = 0
  for (const input of inputs) {
    const read = parseCef(input.slice(input.indexOf('CEF:')))
    if (read === undefined) continue
    expect(parseCef(written(read)), input).toEqual({ ...read, version: 0 })
    compared++
  }
  expect(compared).toBe(43)
})

function written({ vendor, product, deviceVersion, classId, name, severity, extensions }: Cef): string {
  const pairs = Object.entries(extensions).map(([key, value]) => [key, clean(value)] as const)
  return renderCef([vendor, product, deviceVersion, classId, name, severity], pairs)
}
