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

const CASES = CORPUS === undefined ? [] : published()

test.skipIf(CORPUS === undefined)('published CEF messages come through reading and writing unchanged', () => {
  expect(CASES).toHaveLength(43)
  for (const read of CASES) expect(parseCef(written(read))).toEqual(read)
})

test.skipIf(CORPUS === undefined)('so they do with text in every value that would part it', () => {
  for (const read of CASES) {
    const awkward = withAwkwardText(read)
    expect(parseCef(written(awkward))).toEqual(awkward)
  }
})

function published(): Cef[] {
  return readdirSync(FOLDER)
    .map((name) => (JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as { input: string }).input)
    .map((input) => parseCef(input.slice(input.indexOf('CEF:'))))
    .filter((read) => read !== undefined)
    .map((read) => ({ ...read, version: 0 }))
}

function withAwkwardText(read: Cef): Cef {
  const extensions = Object.entries(read.extensions).map(([key, value]) => [
    key,
    `${value} \\ \\= key=value \\n|\r\n"end"`.trim(),
  ])
  return { ...read, name: `${read.name}|\\|=`, extensions: Object.fromEntries(extensions) }
}

function written({ vendor, product, deviceVersion, classId, name, severity, extensions }: Cef): string {
  const pairs = Object.entries(extensions).map(([key, value]) => [key, clean(value)] as const)
  return renderCef([vendor, product, deviceVersion, classId, name, severity], pairs)
}
