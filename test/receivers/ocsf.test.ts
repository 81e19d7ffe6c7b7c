import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { AlertV1 } from '@weir/contract'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
// biome-ignore lint/style/noRestrictedImports: a format is no part of the forwarder's public face
import { ocsfFinding } from '../../packages/forwarder/src/formats/ocsf.ts'
// biome-ignore lint/style/noRestrictedImports: as above
import { makeRichAlert } from '../../packages/forwarder/test/support/rich-alert.ts'
import { anyAlert } from '../elastic/any-alert.ts'
import { everyAlert } from '../elastic/every-alert.ts'
import { AWKWARD } from './alerts.ts'

/** A Python with ocsf-json-schema and jsonschema. */
const PYTHON = process.env['WEIR_OCSF_PYTHON'] ?? ''
const JUDGE = fileURLToPath(new URL('ocsf-judge.py', import.meta.url))
const SEED = 20_261_124

describe('the published schema of OCSF', () => {
  if (!existsSync(PYTHON)) {
    test.skip('skipped, needs a Python with ocsf-json-schema and jsonschema at WEIR_OCSF_PYTHON', () => {})
    return
  }

  let findings: readonly object[] = []

  beforeAll(async () => {
    const shipped = (await everyAlert()) as unknown as readonly AlertV1[]
    const strange = fc.sample(anyAlert, { seed: SEED, numRuns: 300 }) as unknown as readonly AlertV1[]
    findings = [...shipped, ...strange, ...AWKWARD, makeRichAlert(), makeRichAlert({ revision: 2 })].map(
      ocsfFinding,
    )
  })

  test('of the release that documents name has nothing against any of them', () => {
    expect(findings.length).toBeGreaterThan(450)
    expect(judged('1.5.0', findings).flat()).toEqual([])
  })

  test.each(['1.4.0', '1.6.0', '1.7.0', '1.8.0'])('of release %s takes them as well', (version) => {
    expect(judged(version, findings).flat()).toEqual([])
  })

  test.each([
    ['without a required member', { finding_info: { title: 'x' } }, "'uid' is a required property"],
    ['with a severity that is none', { severity_id: 7 }, '7 is not one of'],
    ['with a member of our own', { revision: 1 }, "'revision' was unexpected"],
    ['with a time that is a text', { time: '2026-03-01T10:00:00Z' }, "is not of type 'integer'"],
  ])('refuses one %s', (_, part, why) => {
    expect(judged('1.5.0', [{ ...findings[0], ...part }])[0]!.join()).toContain(why)
  })
})

/** What the schema of a release has against each document. */
function judged(version: string, documents: readonly object[]): string[][] {
  const input = documents.map((each) => `${JSON.stringify(each)}\n`).join('')
  const { status, stdout, stderr } = spawnSync(PYTHON, [JUDGE, version], { input, maxBuffer: 100_000_000 })
  expect(status, stderr.toString()).toBe(0)
  const lines = stdout.toString().trimEnd().split('\n')
  expect(lines).toHaveLength(documents.length)
  return lines.map((line) => JSON.parse(line) as string[])
}
