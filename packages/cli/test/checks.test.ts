import { closeSync, openSync, readdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { createServer } from 'node:net'
import { chainAfter, chainStart, lineDigest } from '@weir/contract'
import type { Commit } from '@weir/model'
import { openStore } from '@weir/store'
import { afterAll, describe, expect, test } from 'vitest'
import { tempFolder, weir } from './command.ts'
import { writeRules } from './fixtures.ts'

const folder = tempFolder()
afterAll(() => folder.remove())
const rules = writeRules(folder.at('rules'))
const SHA256 = 'a'.repeat(64)

function configure(name: string, config: object): string {
  writeFileSync(folder.at(name), JSON.stringify(config))
  return folder.at(name)
}

function aggregator(changes: object = {}): object {
  return {
    store: { path: folder.at('weir.db') },
    rules: { folders: [rules] },
    api: { port: 0, tokens: [{ name: 'analyst', role: 'reader', sha256: SHA256 }] },
    sources: [{ type: 'files', name: 'logs', inputs: [rules] }],
    ...changes,
  }
}

describe('a configuration with five mistakes', () => {
  const file = configure('five.json', {
    store: { path: 'weir.db', feedBytesMax: '10 gigabytes' },
    rules: { folders: ['rules'], reloadEvry: '2s' },
    api: { port: 70_000, tokens: [{ name: 'analyst', role: 'reader', token: { env: 'NOT_SET_ANYWHERE' } }] },
    sources: [{ type: 'files', name: 'logs or so', inputs: ['logs'] }],
  })
  const MISTAKES = [
    'store.feedBytesMax: ',
    'rules: unknown key "reloadEvry"',
    'api.port: ',
    'api.tokens.0.token: environment variable NOT_SET_ANYWHERE is not set',
    'sources.0.name: ',
  ]

  test.each([['aggregator'], ['verify']])('weir %s reports all five and exits 2', async (command) => {
    const { code, stdout, stderr } = await weir([command, '--config', file])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/^weir: CONFIG_INVALID .* has 5 mistake\(s\)\n/)
    for (const mistake of MISTAKES) expect(stderr).toContain(`\n  ${mistake}`)
  })

  test('weir doctor reports each as a check of its own and exits 2', async () => {
    const { code, stdout } = await weir(['doctor', '--config', file, '--json'])
    const checks = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(code).toBe(2)
    expect(checks.map((each) => [each.name, each.ok])).toEqual(MISTAKES.map(() => ['configuration', false]))
    for (const mistake of MISTAKES) expect(checks.some((each) => each.detail.startsWith(mistake))).toBe(true)
  })
})

test('filters with mistakes are refused before anything starts, each with its place in the file and what is near', async () => {
  const all = [{ fact: 'source.ip', operator: 'equals', value: '203.0.113.7' }]
  const file = folder.at('filters.json')
  const drop = [
    { name: 'probe', dataset: 'azure.signinlogs', conditions: { all } },
    { name: 'noise', dataset: ['azure.signinlog'] },
  ]
  writeFileSync(file, JSON.stringify(aggregator({ drop }), undefined, 2))
  const { code, stdout, stderr } = await weir(['aggregator', '--config', file])
  expect([code, stdout]).toEqual([2, ''])
  const lines = readFileSync(file, 'utf8').split('\n')
  const lineOf = (text: string): number => lines.findIndex((line) => line.includes(text)) + 1
  expect(stderr).toMatch(/^weir: CONFIG_INVALID .* has 2 mistake\(s\)\n/)
  expect(stderr).toContain(`${file}:${lineOf('"equals"')}:`)
  expect(stderr).toContain('unknown operator "equals"; did you mean "equal"?')
  expect(stderr).toContain(`${file}:${lineOf('"azure.signinlog"')}:`)
  expect(stderr).toContain('unknown dataset "azure.signinlog"; did you mean "azure.signinlogs"?')
})

test('names that the configuration cannot mean are refused: a reserved one, and a quiet time of no source', async () => {
  const sources = [{ type: 'files', name: 'reconcile', inputs: [rules] }]
  const file = configure('names.json', aggregator({ sources, watch: { silent: { logz: '5m' } } }))
  const { code, stderr } = await weir(['verify', '--config', file])
  expect(code).toBe(2)
  expect(stderr).toContain('sources: no source may be called "reconcile"')
  const quiet = configure('quiet.json', aggregator({ watch: { silent: { logz: '5m' } } }))
  expect((await weir(['verify', '--config', quiet])).stderr).toContain(
    'watch.silent.logz: there is no such source',
  )
})

describe('weir doctor', () => {
  const doctor = async (config: string) => {
    const { code, stdout } = await weir(['doctor', '--config', config])
    return { code, lines: stdout.trimEnd().split('\n') }
  }

  test('of an aggregator that could start', async () => {
    const { code, lines } = await doctor(configure('good.json', aggregator()))
    expect(code).toBe(0)
    expect(lines).toEqual([
      `ok      configuration: ${folder.at('good.json')}, of an aggregator, has no mistakes`,
      `ok      store: ${folder.at('weir.db')} is not there yet; it can be made`,
      'ok      rules: 1 rules load',
      'ok      api: any free port',
      'ok      source logs: 1 files',
    ])
  })

  test('of an aggregator that was stopped: its store is as it was, and nothing is beside it', async () => {
    const path = folder.at('stopped.db')
    const chain = { start: chainStart, next: chainAfter, digest: lineDigest }
    await openStore({ path, chain, random: () => 'e1' }).close()
    const config = configure('stopped.json', aggregator({ store: { path } }))
    const before = [readFileSync(path), readdirSync(folder.at())]
    const { code, lines } = await doctor(config)
    expect(code).toBe(0)
    expect(lines[1]).toMatch(`ok      store: ${path} can be written; version `)
    expect([readFileSync(path), readdirSync(folder.at())]).toEqual(before)
  })

  test('of an aggregator in which everything is wrong, with a remedy each', async () => {
    const held = createServer().listen(0, '127.0.0.1')
    await new Promise((listening) => held.once('listening', listening))
    const { port } = held.address() as { port: number }
    const nobody = { kind: 'emulator', connectionString: '' }
    const config = aggregator({
      store: { path: folder.at('none', 'weir.db') },
      rules: { folders: [folder.at('no-rules')] },
      api: {
        port,
        tls: { cert: folder.at('no.pem'), key: folder.at('no.pem') },
        tokens: [{ name: 'analyst', role: 'reader', sha256: SHA256 }],
      },
      sources: [
        { type: 'files', name: 'logs', inputs: [folder.at('no-logs')] },
        {
          type: 'event-hubs',
          name: 'hubs',
          hubs: ['entra'],
          auth: {
            ...nobody,
            connectionString:
              'Endpoint=sb://127.0.0.1:1;SharedAccessKeyName=k;SharedAccessKey=s;UseDevelopmentEmulator=true',
          },
        },
        {
          type: 'blobs',
          name: 'blobs',
          containers: [{ container: 'insights', kind: 'append' }],
          auth: {
            ...nobody,
            connectionString:
              'DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;BlobEndpoint=http://127.0.0.1:1/a;',
          },
        },
      ],
    })
    const { code, lines } = await doctor(configure('bad.json', config))
    held.close()
    expect(code).toBe(1)
    const failed = lines.filter((line) => line.startsWith('failed')).map((line) => line.split(/ {2}|: /)[1])
    expect(failed).toEqual([
      'store',
      'rules',
      'api certificate',
      'api',
      'source logs',
      'source hubs hub entra',
      'source blobs container insights',
    ])
    for (const line of lines.filter((each) => each.startsWith('failed'))) expect(line).toMatch(/: .+; \w+ .+/)
  })

  test('of a forwarder: nobody answers, and files can be written', async () => {
    const config = configure('forwarder.json', {
      aggregators: [{ name: 'cloud', url: 'http://127.0.0.1:1', token: { file: 'token.txt' } }],
      spool: { path: folder.at('spool.db') },
      outputs: [{ type: 'file', name: 'lines', path: folder.at('alerts.ndjson') }],
    })
    writeFileSync(folder.at('token.txt'), 't0ken')
    const { code, lines } = await doctor(config)
    expect(code).toBe(1)
    expect(lines.map((line) => line.split(': ')[0])).toEqual([
      'ok      configuration',
      'failed  aggregator cloud',
      'ok      spool',
      'ok      output lines',
    ])
    expect(lines[1]).toMatch(/ECONNREFUSED.*; look at the VPN/)
  })

  test.each([
    ['{}', 'neither the sources of an aggregator nor the outputs of a forwarder'],
    ['{"store":', 'cannot read configuration'],
  ])('of %s: wrong use', async (text, words) => {
    writeFileSync(folder.at('odd.json'), text)
    const { code, lines } = await doctor(folder.at('odd.json'))
    expect([code, lines.length]).toEqual([2, 1])
    expect(lines[0]).toContain(words)
  })
})

describe('weir verify', () => {
  const path = folder.at('verified.db')
  const config = configure('verified.json', aggregator({ store: { path } }))
  const chain = { start: chainStart, next: chainAfter, digest: lineDigest }
  const open = () => openStore({ path, chain, random: () => 'e1' })
  const verify = () => weir(['verify', '--config', config, '--json'])
  const commit: Commit = {
    at: Date.UTC(2026, 0, 2),
    cursors: [],
    clocks: [],
    books: [
      {
        source: 'logs',
        read: 5,
        normalized: 3,
        duplicates: 1,
        dropped: 0,
        droppedBy: {},
        quarantined: 1,
        events: 3,
        rawBytes: 900,
      },
    ],
    quarantine: [
      {
        position: { source: 'logs', partition: 'p', at: '1', index: 0 },
        bytes: Buffer.from('{'),
        reason: 'broken',
      },
    ],
    ruleCounts: [],
    members: [],
    forgotten: [],
    sightings: [],
    passed: [],
    episodes: [],
    alerts: [],
    evidence: [],
    rhythms: [],
    canaries: [],
  }

  test('says that there is none', async () => {
    const { code, stdout, stderr } = await verify()
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/^weir: WRONG_USE there is no store to read at /)
  })

  test('lists the books of a store that is in use, and leaves it as it is', async () => {
    const store = open()
    await store.commit(commit)
    const before = readFileSync(path)
    const { code, stdout, stderr } = await verify()
    expect([code, stderr]).toEqual([0, 'books, chains and evidence hold\n'])
    expect(JSON.parse(stdout)).toMatchObject({ books: [commit.books[0]], wrong: [] })
    expect(readFileSync(path)).toEqual(before)
    await store.close()
  })

  test('finds books that do not balance', async () => {
    const store = open()
    const leaky = { ...commit.books[0]!, source: 'leaky', normalized: 2, quarantined: 0 }
    await store.commit({ ...commit, books: [leaky], quarantine: [] })
    await store.close()
    const { code, stdout } = await weir(['verify', '--config', config])
    expect(code).toBe(1)
    expect(stdout).toContain('logs  5 = 3 normalized + 1 duplicates + 0 dropped + 1 quarantined; 3 events; ')
    expect(stdout).toContain('wrong: books of leaky: read 5, accounted for 3\n')
  })

  test('finds damage in the file, and a file that is no store', async () => {
    const file = openSync(path, 'r+')
    writeSync(file, Buffer.alloc(4096 * 3, 0x5a), 0, 4096 * 3, 4096 * 4)
    closeSync(file)
    const damaged = await verify()
    writeFileSync(
      path,
      'no store at all, but long enough to be read as the head of one, if one looks'.repeat(9),
    )
    const foreign = await verify()
    expect([damaged.code, foreign.code]).toEqual([1, 1])
    for (const { stdout } of [damaged, foreign]) expect(JSON.parse(stdout).wrong.length).toBeGreaterThan(0)
  })
})
