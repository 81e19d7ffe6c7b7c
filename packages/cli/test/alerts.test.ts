import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { type AlertsReply, createClient } from '@weir/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startSide, tempFolder, weir } from './command.ts'
import { lines, trail, writeRules } from './fixtures.ts'

const TOKEN = 'a-token-of-the-tests'
const folder = tempFolder()
/** As the provider writes it: over several lines, with spaces. */
const PRETTY = JSON.stringify(
  trail(7, 'DeleteTrail', { userIdentity: { type: 'IAMUser', userName: 'eve' } }),
  null,
  2,
)
const PLAIN = JSON.stringify(trail(2, 'DeleteTrail'))

let side: Awaited<ReturnType<typeof startSide>>
let config: string
let env: Record<string, string>

beforeAll(async () => {
  writeFileSync(folder.at('day.ndjson'), `${lines([trail(1)])}${PLAIN}\n${lines([trail(3)])}`)
  writeFileSync(folder.at('pretty.json'), PRETTY)
  writeFileSync(folder.at('token.txt'), `${TOKEN}\n`)
  config = folder.at('aggregator.json')
  writeFileSync(
    config,
    JSON.stringify({
      store: { path: 'weir.db' },
      rules: { folders: [writeRules(folder.at('rules'))] },
      api: {
        port: 0,
        tokens: [
          { name: 'analyst', role: 'reader', sha256: createHash('sha256').update(TOKEN).digest('hex') },
          { name: 'boss', role: 'admin', token: { file: 'token.txt.boss' } },
          { name: 'north', role: 'forwarder', token: { file: 'token.txt.north' } },
        ],
      },
      sources: [{ type: 'files', name: 'logs', inputs: ['day.ndjson', 'pretty.json'] }],
    }),
  )
  writeFileSync(folder.at('token.txt.north'), 'north-token')
  writeFileSync(folder.at('token.txt.boss'), 'boss-token')
  side = await startSide(['aggregator', '--config', config])
  env = { WEIR_URL: side.url, WEIR_TOKEN: TOKEN }
  await bothAlerts()
})
afterAll(async () => {
  await side.stop()
  folder.remove()
})

/** Asks until the aggregator has read both files. */
async function bothAlerts(): Promise<void> {
  const client = createClient({ url: side.url, token: TOKEN })
  for (let count = 0; count < 2; ) {
    const { value } = await client.alerts({ kind: 'detection' }).next()
    count = (value as AlertsReply).items.length
  }
  await client.close()
}

async function listed(...args: string[]) {
  const { code, stdout, stderr } = await weir(['alerts', 'list', '--json', ...args], { env })
  expect(code).toBe(0)
  const alerts = stdout.split('\n').filter((line) => line !== '')
  return { stderr, alerts: alerts.map((line) => JSON.parse(line)) }
}

async function idOf(user: string): Promise<string> {
  return (await listed('--entity', user)).alerts[0].weir.alert.id
}

describe('weir alerts list', () => {
  test.concurrent.each([
    [['--kind', 'detection'], 2],
    [['--entity', 'eve'], 1],
    [['--severity', 'critical,high', '--rule', 'test.trail-deleted'], 2],
    [['--severity', 'low'], 0],
    [['--from', '2026-01-02T03:04:05', '--to', '2026-01-03', '--kind', 'detection'], 1],
    [['--limit', '1'], 1],
  ])('%j finds %i', async (args, count) => {
    const { alerts, stderr } = await listed(...args)
    expect(alerts).toHaveLength(count)
    if (count === 0) expect(stderr).toBe('no alert fits\n')
  })

  test('a line each for people', async () => {
    const { code, stdout } = await weir(['alerts', 'list', '--entity', 'eve'], { env })
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /^2026-01-02T03:04:07.000Z {2}high +\w+ +\S+ {2}test.trail-deleted {2}eve deleted a trail\n$/,
    )
  })

  test.concurrent.each([
    ['--severity', 'grave', 'BAD_REQUEST'],
    ['--from', 'yesterday', "'yesterday' is invalid"],
    ['--limit', '0', "'0' is invalid"],
  ])('%s %s is wrong use', async (option, value, words) => {
    const { code, stdout, stderr } = await weir(['alerts', 'list', option, value], { env })
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(words)
  })
})

test('weir alerts show: a page for people, the alert itself for programs', async () => {
  const id = await idOf('ada')
  const [people, programs] = await Promise.all([
    weir(['alerts', 'show', id, '--url', side.url, '--token-file', folder.at('token.txt')]),
    weir(['alerts', 'show', id, '--json'], { env: { WEIR_URL: side.url, OTHER: TOKEN } }),
  ])
  expect(people.stdout).toMatch(/^ada deleted a trail\n\nalert +\S+, revision 1\nrule +test.trail-deleted /)
  expect(people.stdout).toContain('  2026-01-02T03:04:02.000Z  aws.cloudtrail  trail-2\n')
  expect(programs.code).toBe(2)
  const named = await weir(['alerts', 'show', id, '--json', '--token-env', 'OTHER'], {
    env: { WEIR_URL: side.url, OTHER: TOKEN },
  })
  expect(JSON.parse(named.stdout).weir.alert).toMatchObject({ id, count: 1 })
})

describe('weir alerts evidence', () => {
  test('a record a line, as the provider wrote it', async () => {
    const { code, stdout, stderr } = await weir(['alerts', 'evidence', await idOf('ada')], { env })
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: `${PLAIN}\n`,
      stderr: '1 members, 1 records\n',
    })
  })

  test('line breaks within a record become spaces; in files every byte is as it was', async () => {
    const id = await idOf('eve')
    const [line, files, described] = await Promise.all([
      weir(['alerts', 'evidence', id], { env }),
      weir(['alerts', 'evidence', id, '--out', folder.at('out')], { env }),
      weir(['alerts', 'evidence', id, '--json'], { env }),
    ])
    expect(line.stdout).toBe(`${PRETTY.replaceAll('\n', ' ')}\n`)
    const sha256 = createHash('sha256').update(PRETTY).digest('hex')
    expect(files.stdout).toBe(`${folder.at('out', `${sha256}.json`)}\n`)
    expect(readFileSync(files.stdout.trim(), 'utf8')).toBe(PRETTY)
    expect(JSON.parse(described.stdout)).toEqual({
      eventId: 'trail-7',
      dataset: 'aws.cloudtrail',
      position: { source: 'logs', partition: folder.at('pretty.json'), at: '0', index: 0 },
      sha256,
      bytes: Buffer.from(PRETTY).toString('base64'),
    })
  })
})

describe('weir alerts evidence that is much', () => {
  test('is refused before anything is fetched, with the figure', async () => {
    const args = ['alerts', 'evidence', await idOf('eve'), '--bytes-max', '20']
    const { code, stdout, stderr } = await weir(args, { env })
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(
      new RegExp(
        `^weir: WRONG_USE .* 1 members are about ${PRETTY.length} bytes .* more than 20 bytes; .*--bytes-max`,
      ),
    )
  })
})

describe('weir audit list', () => {
  test('tells an admin who fetched evidence of what, and nobody else', async () => {
    const id = await idOf('ada')
    await weir(['alerts', 'evidence', id], { env })
    const admin = { ...env, WEIR_TOKEN: 'boss-token' }
    const [people, programs, reader] = await Promise.all([
      weir(['audit', 'list', '--limit', '1'], { env: admin }),
      weir(['audit', 'list', '--limit', '1', '--json'], { env: admin }),
      weir(['audit', 'list'], { env }),
    ])
    expect(people.stdout).toMatch(
      new RegExp(
        `  analyst \\(reader\\) from 127.0.0.1  alert ${id}  served: 1 records, ${PLAIN.length} bytes, `,
      ),
    )
    expect(JSON.parse(programs.stdout)).toMatchObject({ caller: 'analyst', alert: id, outcome: 'served' })
    expect([reader.code, reader.stderr]).toEqual([2, expect.stringContaining('WRONG_ROLE')])
  })
})

describe('what is wrong is told in one line', () => {
  const show = ['alerts', 'show', 'none']
  test.concurrent.each([
    ['an id that is none', 1, {}, 'NOT_FOUND .*there is no alert "none"'],
    ['a wrong token', 2, { WEIR_TOKEN: 'wrong' }, 'NO_TOKEN .*does not know this token'],
    ["a forwarder's token", 2, { WEIR_TOKEN: 'north-token' }, 'WRONG_ROLE '],
    ['no token', 2, { WEIR_TOKEN: '' }, 'SECRET_MISSING no token in environment variable WEIR_TOKEN'],
    ['no URL', 2, { WEIR_URL: '' }, 'WRONG_USE which aggregator'],
    ['a URL that is none', 2, { WEIR_URL: 'weir:8443' }, 'WRONG_USE "weir:8443" is no URL'],
    ['nobody there', 2, { WEIR_URL: 'http://127.0.0.1:1' }, 'UNREACHABLE .*ECONNREFUSED'],
  ])('%s: exit %i', async (_what, exit, changes, words) => {
    const { code, stdout, stderr } = await weir(show, { env: { ...env, ...changes } })
    expect([code, stdout]).toEqual([exit, ''])
    expect(stderr).toMatch(new RegExp(`^weir: ${words}.*\n$`))
  })

  test('HTTPS where HTTP is spoken', async () => {
    const url = side.url.replace('http:', 'https:')
    const { code, stderr } = await weir(show, { env: { ...env, WEIR_URL: url } })
    expect(code).toBe(2)
    expect(stderr).toMatch(/^weir: UNREACHABLE .*--ca\n$/)
  })
})

test('doctor and verify beside an aggregator that runs', async () => {
  const { port } = new URL(side.url)
  const running = JSON.parse(readFileSync(config, 'utf8'))
  running.api.port = Number(port)
  writeFileSync(folder.at('running.json'), JSON.stringify(running))
  const [doctor, verify] = await Promise.all([
    weir(['doctor', '--config', folder.at('running.json')]),
    weir(['verify', '--config', config, '--json']),
  ])
  expect(doctor.code).toBe(0)
  expect(doctor.stdout).toContain(`ok      api: 127.0.0.1:${port} answers: an aggregator, version 0.1.0\n`)
  expect(doctor.stdout).toMatch(/weir\.db can be written; version \d+\n/)
  expect(verify.code).toBe(0)
  expect(JSON.parse(verify.stdout)).toMatchObject({ books: [{ source: 'logs', read: 4 }], wrong: [] })
})
