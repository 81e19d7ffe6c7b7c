import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { tempFolder, weir } from './command.ts'
import { RULE, trail, writeRules } from './fixtures.ts'
import { parseXml } from './parse-xml.ts'

const folder = tempFolder()
afterAll(() => folder.remove())
const rules = writeRules(folder.at('rules'))
writeFileSync(folder.at('rules', 'other.json'), JSON.stringify({ ...RULE, id: 'test.other' }))

const HIT = { name: 'a trail is deleted', events: [trail(1, 'DeleteTrail')], alerts: 1 }
const MISS = { name: 'trails are listed', events: [trail(2)], alerts: 0 }
const WRONG = { ...HIT, name: 'a "name" with <marks> & a \u0007 bell\nover two lines', alerts: 0 }

function cases(file: string, list: readonly object[]): void {
  writeFileSync(folder.at('rules', `${file}.test.json`), JSON.stringify(list))
}

test('JUnit has a suite per rule, a case per case, what is lacking, and every failure in words', async () => {
  cases('trail-deleted', [HIT, MISS])
  cases('other', [WRONG])
  const file = folder.at('results.xml')
  const { code, stdout } = await weir(['rules', 'test', rules, '--junit', file])
  expect(code).toBe(1)
  expect(stdout).toContain('ok      test.trail-deleted (2 cases)\n')
  const root = parseXml(readFileSync(file, 'utf8'))
  expect(root).toMatchObject({ name: 'testsuites', attributes: { tests: '4', failures: '2' } })
  const [other, good] = root.children
  expect(good).toMatchObject({
    name: 'testsuite',
    attributes: { name: 'test.trail-deleted', tests: '2', failures: '0' },
    children: [
      { name: 'testcase', attributes: { classname: 'test.trail-deleted', name: HIT.name }, children: [] },
      { name: 'testcase', attributes: { name: MISS.name }, children: [] },
    ],
  })
  expect(other!.children.map((each) => each.attributes['name'])).toEqual([
    'a "name" with <marks> & a \ufffd bell\nover two lines',
    'has a hit',
  ])
  const failure = other!.children[0]!.children[0]!
  expect(failure.text).toBe('expected 0 alerts, came 1; "ada deleted a trail"')
  expect(failure.attributes['message']).toBe(failure.text)
})

test('--rule takes some rules only, and may be given twice', async () => {
  cases('trail-deleted', [HIT, MISS])
  cases('other', [WRONG])
  const one = await weir(['rules', 'test', '--rule', 'test.trail-deleted', rules])
  expect([one.code, one.stdout]).toEqual([0, 'ok      test.trail-deleted (2 cases)\n'])
  const both = await weir([
    'rules',
    'test',
    rules,
    '--rule',
    'test.other',
    '--rule',
    'test.trail-deleted',
    '--json',
  ])
  expect(both.code).toBe(1)
  expect(
    both.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).rule),
  ).toEqual(['test.other', 'test.trail-deleted'])
})

test('a rule that is not there, a file that cannot be written: exit 2, with a remedy', async () => {
  const unknown = await weir(['rules', 'test', rules, '--rule', 'test.trail-delete'])
  expect([unknown.code, unknown.stdout]).toEqual([2, ''])
  expect(unknown.stderr).toContain('did you mean test.trail-deleted?')
  const unwritten = await weir(['rules', 'test', rules, '--junit', folder.at('none', 'x.xml')])
  expect([unwritten.code, unwritten.stderr.includes('OUTPUT_FAILED')]).toEqual([2, true])
})

test('a file of cases that cannot be read fails its rule, and the others are still tested', async () => {
  cases('trail-deleted', [HIT, MISS])
  cases('other', [{ name: 'x', events: [trail(1)], alert: 1 }])
  const { code, stdout, stderr } = await weir(['rules', 'test', rules])
  expect(code).toBe(2)
  expect(stdout).toContain('ok      test.trail-deleted (2 cases)\n')
  expect(stdout).toMatch(
    /failed {2}test\.other\n +the file of cases:\n +.*other\.test\.json, case 1: unknown member "alert"/,
  )
  expect(stderr).toContain('2 rules, 3 cases, 1 rules failed\n')
  expect(stderr).toContain('weir rules explain')
})
