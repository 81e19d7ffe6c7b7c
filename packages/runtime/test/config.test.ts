import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { duration, path, readConfig, Secret, secret, size, WeirError } from '../src/index.ts'

const schema = z.strictObject({
  wait: duration,
  room: size,
  file: path,
  token: secret,
  port: z.int().max(65_535),
  source: z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('a'), name: z.string() }),
    z.strictObject({ type: z.literal('b') }),
  ]),
})

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-config-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function read(value: unknown, environment: Record<string, string> = {}) {
  const file = join(folder, 'weir.json')
  writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value))
  return readConfig(file, schema, environment)
}

const good = {
  wait: '1.5m',
  room: '64MB',
  file: 'data/x',
  token: { env: 'TOKEN' },
  port: 1,
  source: { type: 'a', name: 'n' },
}

function refusal(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof WeirError) return `${error.code} ${error.message}`
    throw error
  }
  throw new Error('it was not refused')
}

describe('a configuration', () => {
  test('becomes precise values', () => {
    const config = read(good, { TOKEN: 's3cret' })
    expect(config).toMatchObject({ wait: 90_000, room: 64e6, file: join(folder, 'data/x') })
    expect(config.token.reveal()).toBe('s3cret')
  })

  test('takes a secret from a file beside it', () => {
    writeFileSync(join(folder, 'token'), 's3cret\n')
    expect(read({ ...good, token: { file: 'token' } }).token.reveal()).toBe('s3cret')
  })

  test.each([
    ['variable', { env: 'TOKEN' }, 'environment variable TOKEN is not set, or empty'],
    ['file', { file: 'token' }, 'secret file token cannot be read, or is empty'],
  ])('takes no empty %s for a secret', (_, token, why) => {
    writeFileSync(join(folder, 'token'), '\n')
    expect(refusal(() => read({ ...good, token }, { TOKEN: '' }))).toContain(`token: ${why}`)
  })

  test('names every mistake at once, each with its place', () => {
    const bad = {
      wait: 'soon',
      room: '12 apples',
      file: 'x',
      token: { env: 'NOT_SET' },
      port: 70_000,
      source: { type: 'a', name: 'n', nmae: 'm' },
    }
    const text = refusal(() => read(bad))
    expect(text).toMatch(/^CONFIG_INVALID .*5 mistake/)
    for (const place of [
      'wait: "soon"',
      'room: "12 apples"',
      'NOT_SET',
      'port: ',
      'source: unknown key "nmae"',
    ]) {
      expect(text).toContain(place)
    }
  })

  test.each([
    ['no JSON', '{"wait": '],
    ['an empty file', ''],
  ])('that is %s is unreadable, with the file named', (_, text) => {
    expect(refusal(() => read(text))).toMatch(/CONFIG_UNREADABLE .*weir\.json/)
  })
})

test('a secret is never printed by accident', () => {
  const held = new Secret('s3cret')
  expect(`${held} ${JSON.stringify({ held })}`).not.toContain('s3cret')
})
