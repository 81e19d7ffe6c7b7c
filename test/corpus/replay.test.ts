import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/** Folder of published samples; tests that need it are skipped without it. */
const CORPUS = process.env.WEIR_CORPUS
const WEIR = new URL('../../packages/cli/bin/weir.js', import.meta.url).pathname

let folder: string
let rules: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-corpus-'))
  rules = join(folder, 'rules')
  mkdirSync(rules)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Result {
  readonly records: number
  readonly normalized: number
  readonly duplicates: number
  readonly dropped: number
  readonly quarantined: number
  readonly events: number
}

/** Replays with the real command; the exit code and the balance of the books hold for every one. */
async function replay(...inputs: string[]): Promise<Result> {
  const args = [WEIR, 'replay', '--json', '--rules', rules, '--input', ...inputs]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const told = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk) => {
    told.stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    told.stderr += chunk
  })
  const [code] = await once(child, 'close')
  const result: Result = JSON.parse(told.stdout)
  const { records, normalized, duplicates, dropped, quarantined } = result
  const hint = quarantined > 0 ? 'what could not be read, and why: weir normalize --input …\n' : ''
  expect({ code, stderr: told.stderr }).toEqual({ code: 0, stderr: hint })
  expect(records).toBe(normalized + duplicates + dropped + quarantined)
  return result
}

const at = (...names: string[]): string => join(CORPUS ?? '', ...names)

describe.skipIf(CORPUS === undefined)('published records replay, and the books balance', () => {
  test('CloudTrail as delivered: 2,900 events', async () => {
    const result = await replay(at('invictus-aws', 'CloudTrail'))
    expect(result).toMatchObject({ records: 2900, normalized: 2900, quarantined: 0, events: 2900 })
  })

  test('one file per API call: 563 events', async () => {
    const files = below(at('traildiscover', 'docs', 'logExamples')).filter((one) =>
      one.endsWith('.cloudtrail'),
    )
    const result = await replay(...files)
    expect(result).toMatchObject({ records: 563, quarantined: 0 })
    expect(result.events + result.duplicates).toBe(563)
  })

  test('a unified audit export: 3,132 events and 1,672 duplicates', async () => {
    const result = await replay(at('o365-split', 'public.ndjson'))
    expect(result).toMatchObject({ records: 4804, duplicates: 1672, quarantined: 0, events: 3132 })
  })

  test('a flow-log blob: 15 records, 8,203 events', async () => {
    const result = await replay(at('pt1h-real', 'danifitz-nsg', 'PT1H.json'))
    expect(result).toMatchObject({ records: 15, quarantined: 0, events: 8203 })
  })

  test('every PT1H.json together', async () => {
    const files = below(at('pt1h-real')).filter((one) => one.endsWith('.json'))
    const result = await replay(...files)
    expect(result.quarantined).toBe(0)
    expect(result.records).toBeGreaterThanOrEqual(15 + 4 + 241 + 78 + 5436)
  })

  test('samples of another normalizer: every record is read', async () => {
    const messages = below(at('sekoia-intake-formats'))
      .filter((one) => /\/tests\/[^/]+\.json$/.test(one))
      .map((one) => JSON.parse(readFileSync(one, 'utf8')).input?.message as string)
      .filter((message) => isJson(message))
    const result = await replay(...written('sekoia', messages))
    expect(messages).toHaveLength(170)
    expect(result.records).toBeGreaterThanOrEqual(messages.length)
    expect(result.quarantined).toBe(0)
  })

  test('samples beside detection rules: what is JSON is read, what is not is quarantined', async () => {
    const samples = below(at('panther-analysis', 'rules'))
      .filter((one) => one.endsWith('.yml'))
      .flatMap((one) => [...readFileSync(one, 'utf8').matchAll(SAMPLE)].map((found) => found[2] as string))
    const result = await replay(...written('panther', samples))
    expect(samples.length).toBeGreaterThan(300)
    expect(result.records).toBeGreaterThanOrEqual(samples.length)
    expect(result.quarantined).toBeLessThan(samples.length / 10)
  })
})

/** What is indented more deeply than its `Log:` and begins with a brace. */
const SAMPLE = /^( *)Log:\s*(\{.*(?:\n(?:\1 +.*| *))*)/gm

function below(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

/** A file of its own for each. */
function written(name: string, texts: readonly string[]): string[] {
  return texts.map((text, n) => {
    const file = join(folder, `${name}-${String(n).padStart(4, '0')}`)
    writeFileSync(file, text)
    return file
  })
}

function isJson(text: unknown): text is string {
  try {
    return typeof text === 'string' && typeof JSON.parse(text) === 'object'
  } catch {
    return false
  }
}
