import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { loadRuleFolders } from '@weir/aggregator'
import { LIBRARY_VERSION } from '@weir/engine'
import { afterAll, expect, test } from 'vitest'
import { Certification } from '../src/certify/certification.ts'
import { tempFolder, weir } from './command.ts'
import { lines, trail, writeRules } from './fixtures.ts'

const folder = tempFolder()
afterAll(() => folder.remove())
const rules = writeRules(folder.at('rules'))
const DAY = [trail(1), trail(2, 'DeleteTrail'), trail(3), trail(4, 'DeleteTrail')]

function file(name: string, content: string | Buffer): string {
  writeFileSync(folder.at(name), content)
  return folder.at(name)
}

const certify = (...args: readonly string[]) => weir(['rules', 'certify', '--rules', rules, ...args])

test('a certificate says what was compared with what, and that nothing differs', async () => {
  const [day, more] = [file('day.ndjson', lines(DAY)), file('more.gz', gzipSync(`${lines(DAY)}{"torn\n`))]
  const out = folder.at('certificate.json')
  const { code, stdout, stderr } = await certify('--input', day, more, '--out', out, '--json')
  expect([code, stderr]).toEqual([0, ''])
  const certificate = JSON.parse(stdout)
  expect(certificate).toEqual(JSON.parse(readFileSync(out, 'utf8')))
  const set = await loadRuleFolders([rules])
  const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')
  expect(certificate).toEqual({
    weir: '0.1.0',
    json_rules_engine: LIBRARY_VERSION,
    node: process.version,
    made: expect.stringMatching(/^\d{4}-.*Z$/),
    rules: { 'test.trail-deleted': set.rules[0]!.hash },
    rules_not_compared: [],
    inputs: [
      { file: day, bytes: readFileSync(day).length, sha256: sha256(day), complete: true },
      { file: more, bytes: readFileSync(more).length, sha256: sha256(more), complete: true },
    ],
    records: 8,
    quarantined: 1,
    events: 8,
    sample: 1,
    events_compared: 8,
    pairs: 8,
    hits: 4,
    differences: 0,
    differences_listed: [],
  })
})

test('a sample takes every n-th event, over files, and says so', async () => {
  const { code, stdout } = await certify('--input', file('day.ndjson', lines(DAY)), '--sample', '3', '--json')
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ events: 4, sample: 3, events_compared: 2, pairs: 2, hits: 1 })
})

test('for people: what was compared, and of how many rules nothing', async () => {
  const flow = file('other.ndjson', `${JSON.stringify({ time: '2026-03-10T09:00:00Z', some: 'record' })}\n`)
  const { code, stdout } = await certify('--input', flow)
  expect(code).toBe(0)
  expect(stdout).toBe(
    '1 rules, 1 files, 1 records, 1 events\n0 pairs of rule and event, 0 hits, 0 differences\n' +
      'of 1 rules nothing was compared: no event of their datasets, or no conditions of their own\n',
  )
})

test('standard input is refused, and so is a path that leads nowhere', async () => {
  const [stdin, nowhere] = await Promise.all([
    certify('--input', '-'),
    certify('--input', folder.at('none.json')),
  ])
  expect([stdin.code, stdin.stderr.split(' ').slice(0, 2)]).toEqual([2, ['weir:', 'INPUT_UNREADABLE']])
  expect([nowhere.code, nowhere.stdout]).toEqual([2, ''])
})

test('an input that breaks off is told, and the certificate says that it is not complete', async () => {
  const whole = gzipSync(lines(Array.from({ length: 5_000 }, (_, n) => trail(n))))
  const cut = file('cut.gz', whole.subarray(0, whole.length - 100))
  const { code, stdout, stderr } = await certify('--input', cut, '--json')
  expect(code).toBe(1)
  expect(stderr).toContain('unexpected end of file')
  expect(JSON.parse(stdout)).toMatchObject({ inputs: [{ complete: false }], differences: 0 })
})

test('a difference is listed with rule, event and position, whoever alone calls it a hit', async () => {
  const set = await loadRuleFolders([rules])
  const certification = new Certification(set, 1, {
    programOf: () => ({
      run: (events, places, { hits }) => {
        for (const [index, event] of events.entries())
          if (event.index < 2) hits.push({ event, at: places[index]!, order: 0 })
      },
    }),
  })
  await certification.add('day.ndjson', { bytes: Buffer.from(lines(DAY)), at: '0', arrival: 0 })
  const { differences, differences_listed: listed } = certification.certificate([], 'v24', 0)
  const common = { rule: 'test.trail-deleted', dataset: 'aws.cloudtrail' }
  const at = (index: number) => ({ source: 'certify', partition: 'day.ndjson', at: '0', index })
  expect(differences).toBe(2)
  expect(listed).toEqual([
    { ...common, event_id: 'trail-1', position: at(0), hit_by: 'compiled' },
    { ...common, event_id: 'trail-4', position: at(3), hit_by: 'library' },
  ])
})
