import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import type { ReceiveResult } from './receive.ts'
import { generateRecords } from './records.ts'
import { generateRules } from './rules.ts'
import type { StateResult } from './state.ts'

const MAIN = join(import.meta.dirname, 'main.ts')
const SHAPE = join(import.meta.dirname, 'shape.ts')
const LANES = ['parse', 'parse+match', 'pipeline', 'gzip', 'naive']

interface Line {
  readonly lane: string
  readonly rules: number
  readonly hard_share: number
  readonly events_per_s: number
  readonly mb_per_s: number
  readonly ratio_to_parse: number
  readonly match_share: number
  readonly rounds: number
}

async function bench(...args: string[]): Promise<Line[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, '--quick', '--json', ...args])
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
}

function expectSane(line: Line): void {
  expect(line.events_per_s).toBeGreaterThan(0)
  expect(line.mb_per_s).toBeGreaterThan(0)
  expect(line.ratio_to_parse).toBeGreaterThan(0)
  expect(line.hard_share).toBeGreaterThanOrEqual(0)
  expect(line.match_share).toBeGreaterThanOrEqual(0)
  expect(line.match_share).toBeLessThanOrEqual(1)
  expect(line.rounds).toBeGreaterThan(0)
  if (line.lane === 'parse') expect(line.ratio_to_parse).toBe(1)
}

test('every lane is measured for every number of rules', { timeout: 120_000 }, async () => {
  const lines = await bench()
  const places = [20, 300, 3000].flatMap((rules) => LANES.map((lane) => `${lane} ${rules}`))
  expect(lines.map(({ lane, rules }) => `${lane} ${rules}`)).toEqual(places)
  for (const line of lines) expectSane(line)
})

test("a user's rules and records take the place of the made-up ones", { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-bench-test-'))
  try {
    for (const [index, { text }] of generateRules(7, 12, 0).entries())
      writeFileSync(join(folder, `${index}.json`), text)
    const records = join(folder, 'records.ndjson')
    writeFileSync(records, Buffer.concat([...generateRecords(7, 90)]))
    const lines = await bench('--rules', folder, '--records', records)
    expect(lines.map(({ lane, rules }) => `${lane} ${rules}`)).toEqual(LANES.map((lane) => `${lane} 12`))
    for (const line of lines) expect(line.hard_share).toBe(0)
    for (const line of lines) expectSane(line)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test("correlation's state is measured by itself, and its alerts are the oracle's", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, '--json', '--state', '20000'])
  const result = JSON.parse(stdout) as StateResult
  expect(result).toMatchObject({
    lane: 'state',
    groups: 20_000,
    members: 100_000,
    compared: { differences: 0 },
  })
  expect(result.compared.alerts).toBeGreaterThan(100)
  expect(result.bytes_per_group).toBeLessThan(200)
  expect(result.updates_per_s).toBeGreaterThan(0)
  expect(result.restart.seconds).toBeGreaterThan(0)
})

test('receiving from a hub is measured beside the bare SDK client, for large and small messages', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, '--json', '--quick', '--receive'])
  const results = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as ReceiveResult)
  expect(results.map((each) => [each.lane, each.message_bytes, each.messages])).toEqual([
    ['sdk', 250_000, 16],
    ['record', 250_000, 16],
    ['line', 250_000, 16],
    ['sdk', 1_000, 400],
    ['record', 1_000, 400],
    ['line', 1_000, 400],
  ])
  for (const { records, messages, messages_per_s, ratio_to_sdk } of results) {
    expect(records).toBeGreaterThanOrEqual(messages)
    expect(Math.min(messages_per_s, ratio_to_sdk)).toBeGreaterThan(0)
  }
})

test('the shape of rules is told beside that of the generated ones', { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-bench-test-'))
  try {
    const leaf = (operator: string, value: unknown) => ({ fact: 'record', path: '$.v', operator, value })
    const conditions = { all: [leaf('equal', 'x'), { any: [leaf('in', ['x', 'y']), leaf('exists', true)] }] }
    const rule = { id: 'a.b', name: 'A', severity: 'low', event: { type: 't' }, conditions }
    writeFileSync(join(folder, 'a.json'), JSON.stringify(rule))
    const { stdout } = await promisify(execFile)(process.execPath, [SHAPE, folder])
    const own = new Map(
      stdout.split('\n').map((line) => [line.slice(0, 44).trim(), line.slice(44, 62).trim()]),
    )
    expect(own.get('rules with conditions')).toBe('1')
    expect(own.get('tests per rule: 3')).toBe('100.0 %')
    expect(own.get('operator: exists')).toBe('33.3 %')
    expect(own.get('values per test: 2')).toBe('33.3 %')
    expect(own.get('form: with a choice')).toBe('100.0 %')
    expect(own.get('cost class: indexed')).toBe('100.0 %')
    expect(own.get('operator: in')).toBe('33.3 %')
    expect(own.get('dataset: azure.signinlogs')).toBe('–')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('records that are too few for fresh rounds are refused', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-bench-test-'))
  try {
    const records = join(folder, 'records.ndjson')
    writeFileSync(records, '{"time":"2026-01-05T00:00:00Z"}\n')
    await expect(bench('--records', records)).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('too few for 3 rounds'),
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
