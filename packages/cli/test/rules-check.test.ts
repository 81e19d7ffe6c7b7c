import { mkdirSync, writeFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { tempFolder, weir } from './command.ts'
import { RULE, writeRules } from './fixtures.ts'

const folder = tempFolder()
afterAll(() => folder.remove())
const good = writeRules(folder.at('good'))

function rulesOf(name: string, rules: Readonly<Record<string, object>>): string {
  mkdirSync(folder.at(name))
  for (const [file, rule] of Object.entries(rules))
    writeFileSync(folder.at(name, `${file}.json`), JSON.stringify(rule, null, 2))
  return folder.at(name)
}

const action = (value: string) => ({ fact: 'event.action', operator: 'equal', value })
const anywhere = { fact: 'record', path: '$..userName', operator: 'contains', value: 'ada' }
const DEAR = {
  scanned: { ...RULE, id: 'test.scanned', conditions: { not: action('listtrails') } },
  library: { ...RULE, id: 'test.library', conditions: { all: [anywhere, { ...action('x'), priority: 2 }] } },
}
const ODD = {
  technique: { ...RULE, id: 'test.technique', attack: ['T1562.099'] },
  unreachable: { ...RULE, id: 'test.unreachable', conditions: { all: [action('a'), action('b')] } },
}

const json = (stdout: string): Record<string, unknown>[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

test('a correlation over other rules costs nothing by itself, and the sum says so', async () => {
  const { conditions: _, dataset: __, ...words } = RULE
  const correlation = { type: 'temporal', rules: ['test.one', 'test.two'], timespan: '1h' }
  const over = rulesOf('over', {
    one: { ...RULE, id: 'test.one' },
    two: { ...RULE, id: 'test.two' },
    both: { ...words, correlation },
  })
  const { stderr } = await weir(['rules', 'check', over])
  expect(stderr).toBe(
    '3 rules load, 0 errors, 0 warnings; 2 indexed, 0 scanned, 0 library, 1 over other rules\n',
  )
})

test('good rules: nothing to say on standard output', async () => {
  expect(await weir(['rules', 'check', good])).toEqual({
    code: 0,
    stdout: '',
    stderr: '1 rules load, 0 errors, 0 warnings; 1 indexed, 0 scanned, 0 library\n',
  })
})

test('what each rule costs; the dear ones are named, and --json has them all', async () => {
  const dear = rulesOf('dear', DEAR)
  const [lines, objects] = await Promise.all([
    weir(['rules', 'check', good, dear]),
    weir(['rules', 'check', good, dear, '--json']),
  ])
  expect(lines.stdout).toContain(`${dear}/library.json: library: test.library is run by json-rules-engine`)
  expect(lines.stdout).toContain(`${dear}/scanned.json: scanned: test.scanned is tried for nearly every`)
  expect(lines.stdout).not.toContain('test.trail-deleted')
  expect([lines.code, objects.code]).toEqual([0, 0])
  const costs = json(objects.stdout).filter((each) => 'rule' in each)
  expect(costs.map(({ rule, cost }) => [rule, cost])).toEqual([
    ['test.library', 'library'],
    ['test.scanned', 'scanned'],
    ['test.trail-deleted', 'indexed'],
  ])
  expect(lines.stderr).toContain('1 indexed, 1 scanned, 1 library')
})

test('warnings have a place, and make it exit 1 only with --strict', async () => {
  const odd = rulesOf('odd', ODD)
  const [lenient, strict] = await Promise.all([
    weir(['rules', 'check', odd]),
    weir(['rules', 'check', odd, '--strict', '--json']),
  ])
  expect([lenient.code, strict.code]).toEqual([0, 1])
  expect(lenient.stdout.trimEnd().split('\n')).toEqual([
    `${odd}/technique.json:7:5 warning unknown-technique: T1562.099 is not in ATT&CK Enterprise 18.1: mistyped, withdrawn, or newer than the list`,
    `${odd}/unreachable.json:19:7 warning unreachable: event.action equal "b" can never hold beside event.action equal "a"`,
  ])
  expect(json(strict.stdout).flatMap(({ code }) => code ?? [])).toEqual(['unknown-technique', 'unreachable'])
})

test('an error makes it exit 1, and the rules that load are told all the same', async () => {
  const twice = rulesOf('twice', { a: RULE, b: RULE })
  const { code, stdout, stderr } = await weir(['rules', 'check', twice, '--json'])
  expect(code).toBe(1)
  expect(json(stdout)).toMatchObject([
    { file: `${twice}/b.json`, line: 2, code: 'duplicate-id', severity: 'error' },
    { rule: 'test.trail-deleted', file: `${twice}/a.json`, cost: 'indexed' },
  ])
  expect(stderr).toMatch(/^1 rules load, 1 errors/)
})

test.each([[['rules', 'check']], [['rules', 'check', folder.at('nowhere')]]])('%j: exit 2', async (args) => {
  expect((await weir(args)).code).toBe(2)
})

test.each(['check', 'test'])(
  '%s of a folder without rules is wrong use: nothing must not pass',
  async (command) => {
    mkdirSync(folder.at(`no-${command}`))
    expect(await weir(['rules', command, folder.at(`no-${command}`)])).toEqual({
      code: 2,
      stdout: '',
      stderr: `weir: INPUT_UNREADABLE no rules in ${folder.at(`no-${command}`)}: a rule is a .json file\n`,
    })
  },
)
