import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseCef } from '../src/formats/cef.ts'
import { unwrap } from '../src/index.ts'

const CORPUS = process.env['WEIR_CORPUS']
const FOLDER = join(CORPUS ?? '', 'cef-parser/src/test/resources/com/github/jcustenborder/cef/messages')

interface Case {
  readonly input: string
  readonly expected?: {
    readonly timestamp?: number
    readonly host?: string
    readonly cefVersion: number
    readonly deviceVendor: string
    readonly deviceProduct: string
    readonly deviceVersion: string
    readonly deviceEventClassId: string
    readonly name: string
    readonly severity: string
    readonly extensions: Readonly<Record<string, string>>
  }
}

test.skipIf(CORPUS === undefined)('published CEF messages have the parts that their cases expect', () => {
  const cases = readdirSync(FOLDER).map(
    (name) => JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as Case,
  )
  let parsed = 0
  for (const { input, expected } of cases) {
    if (expected === undefined) continue
    const { timestamp, host, cefVersion, deviceEventClassId, deviceProduct, deviceVendor, ...rest } = expected
    const header = {
      version: cefVersion,
      vendor: deviceVendor,
      product: deviceProduct,
      classId: deviceEventClassId,
    }
    expect(parseCef(input.slice(input.indexOf('CEF:'))), input).toEqual({ ...header, ...rest })
    const record = recordOf(input, timestamp)
    expect(record.syslog, input).toMatchObject(host === undefined ? {} : { host })
    if (timestamp !== undefined) expect(record.time, input).toBe(new Date(timestamp).toISOString())
    parsed++
  }
  expect(parsed).toBe(43)
})

/** As if it came on the day of its stamp. */
function recordOf(input: string, arrival = 0) {
  const bytes = Buffer.from(input)
  const format = {
    kind: 'syslog',
    extents: [0, bytes.length],
    peer: '',
    listener: '',
    first: 1,
    zone: 'UTC',
  } as const
  return unwrap(bytes, { ...format, arrival: arrival + 3_600_000 }).records[0]!
}
