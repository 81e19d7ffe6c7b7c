import { writeFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { tempFolder, weir, weirHead } from './command.ts'
import { lines, trail } from './fixtures.ts'

const folder = tempFolder()
afterAll(() => folder.remove())

const COMMANDS = [
  '',
  'aggregator',
  'forwarder',
  'rules',
  'rules check',
  'rules import-sigma',
  'rules test',
  'rules explain',
  'rules new',
  'rules promote',
  'rules backtest',
  'rules certify',
  'replay',
  'normalize',
  'alerts',
  'alerts list',
  'alerts show',
  'alerts evidence',
  'quarantine',
  'quarantine list',
  'queue',
  'queue list',
  'queue retry',
  'queue drop',
  'audit',
  'audit list',
  'ledger',
  'canary',
  'canary new',
  'canary plant',
  'canary wait',
  'canary list',
  'doctor',
  'verify',
  'token',
  'token new',
  'token hash',
]

test.concurrent.each(COMMANDS)('weir %s --help has an example and exits 0', async (command) => {
  const words = command.split(' ').filter((word) => word !== '')
  const { code, stdout, stderr } = await weir([...words, '--help'])
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(new RegExp(`Example:\n  weir ${command}`))
})

test('help lists every command that there is', async () => {
  const { stdout } = await weir(['--help'])
  const listed = [
    ...stdout
      .split('Commands:')[1]!
      .split('Example:')[0]!
      .matchAll(/^ {2}([a-z]+) /gm),
  ].map((found) => found[1])
  expect(listed).toEqual([...new Set(COMMANDS.slice(1).map((each) => each.split(' ')[0])), 'help'])
})

test('the version is told', async () => {
  expect(await weir(['--version'])).toEqual({ code: 0, stdout: '0.1.0\n', stderr: '' })
})

test.concurrent.each([
  [['replya'], 'replay'],
  [['alerts', 'lsit'], 'list'],
  [['rules', 'chek'], 'check'],
  [['token', 'new', '--jsno'], '--json'],
])('weir %j is wrong use, and the nearest name is told', async (args, near) => {
  const { code, stdout, stderr } = await weir(args)
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toContain(`Did you mean ${near}?`)
})

test('a reader that has had enough ends it without a word', async () => {
  const file = folder.at('many.ndjson')
  writeFileSync(file, lines(Array.from({ length: 20_000 }, (_, n) => trail(n))))
  const { code, stdout, stderr } = await weirHead(['normalize', '--input', file])
  expect(JSON.parse(stdout)).toMatchObject({ event: { id: 'trail-0' } })
  expect([code, stderr]).toEqual([0, ''])
})

test('a token is random, and its hash is what the configuration keeps', async () => {
  const [one, two] = await Promise.all([weir(['token', 'new', '--json']), weir(['token', 'new'])])
  const { token, sha256 } = JSON.parse(one.stdout)
  expect(token).toMatch(/^[\w-]{43}$/)
  expect(two.stdout).toMatch(/^token {3}[\w-]{43}\nsha256 {2}[0-9a-f]{64}\n$/)
  expect(two.stdout).not.toContain(token)
  const hashed = await weir(['token', 'hash'], { input: `${token}\n` })
  expect(hashed).toEqual({ code: 0, stdout: `${sha256}\n`, stderr: '' })
  expect((await weir(['token', 'hash'], { input: '\n' })).code).toBe(2)
})
