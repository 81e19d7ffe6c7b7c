import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { type Client, createClient } from '@weir/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startSide, tempFolder, weir } from './command.ts'
import { lines, trail, writeRules } from './fixtures.ts'

const TOKEN = 'a-token-of-the-tests'
const folder = tempFolder()
const LONG = Buffer.from(`{"torn": "${'é'.repeat(200)}`)
/** Clears a terminal that takes it as it comes; its last bytes are no UTF-8. */
const HOSTILE = Buffer.concat([Buffer.from('{"\u001b[2J\u202e'), Buffer.from([0xff, 0xfe])])

let side: Awaited<ReturnType<typeof startSide>>
let env: Record<string, string>

beforeAll(async () => {
  const readable = Buffer.from(lines([trail(1)]))
  const newline = Buffer.from('\n')
  writeFileSync(folder.at('day.ndjson'), Buffer.concat([readable, LONG, newline, HOSTILE, newline, readable]))
  const sha256 = createHash('sha256').update(TOKEN).digest('hex')
  const config = {
    store: { path: 'weir.db' },
    rules: { folders: [writeRules(folder.at('rules'))] },
    api: { port: 0, tokens: [{ name: 'analyst', role: 'reader', sha256 }] },
    sources: [{ type: 'files', name: 'logs', inputs: ['day.ndjson'] }],
  }
  writeFileSync(folder.at('aggregator.json'), JSON.stringify(config))
  side = await startSide(['aggregator', '--config', folder.at('aggregator.json')])
  env = { WEIR_URL: side.url, WEIR_TOKEN: TOKEN }
  const client = createClient({ url: side.url, token: TOKEN })
  while ((await kept(client)) < 2);
  await client.close()
})
afterAll(async () => {
  await side.stop()
  folder.remove()
})

async function kept(client: Client): Promise<number> {
  const { value } = await client.quarantine().next()
  return value?.items.length ?? 0
}

function list(...args: string[]) {
  return weir(['quarantine', 'list', ...args], { env })
}

test('a line each for people, the newest first, which no record can break or steer', async () => {
  const { code, stdout, stderr } = await list()
  expect([code, stderr]).toEqual([0, ''])
  const [hostile, long, ...rest] = stdout.split('\n')
  expect(rest).toEqual([''])
  const place = `logs  ${folder.at('day.ndjson')}@`
  expect(hostile).toBe(`${place}0 record 2  not a JSON object  ${HOSTILE.length} bytes: {".[2J...`)
  expect(long).toBe(
    `${place}0 record 1  not a JSON object  ${LONG.length} bytes: {"torn": "${'é'.repeat(55)}`,
  )
})

test('--json gives every byte', async () => {
  const { code, stdout } = await list('--json')
  expect(code).toBe(0)
  const items = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(items.map(({ bytes }) => Buffer.from(bytes, 'base64'))).toEqual([HOSTILE, LONG])
  const partition = folder.at('day.ndjson')
  expect(items[0]).toEqual({
    position: { source: 'logs', partition, at: '0', index: 2 },
    reason: 'not a JSON object',
    bytes: HOSTILE.toString('base64'),
  })
})

test('--limit bounds it, and says that there may be more', async () => {
  const { code, stdout, stderr } = await list('--limit', '1', '--json')
  expect(code).toBe(0)
  expect(stdout.trimEnd().split('\n')).toHaveLength(1)
  expect(stderr).toBe('1 shown; there may be more: raise --limit\n')
})

test('a limit that is none is wrong use', async () => {
  const { code, stdout, stderr } = await list('--limit', 'all')
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toContain("'all' is invalid")
})
