import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { tempFolder, weir } from './command.ts'
import { RULE, writeRules } from './fixtures.ts'

const folder = tempFolder()
afterAll(() => folder.remove())

/** Written by hand: spacing that no formatter would make. */
const TRIAL = `{
  "id": "test.trial",   "name": "On trial",
  "severity": "low",

  "mode" : "shadow",
  "dataset": [ "aws.cloudtrail" ],
  "conditions": { "all": [ { "fact": "event.action", "operator": "equal", "value": "listtrails" } ] },
\t"event": {"type":"discovery"}
}
`
const file = folder.at('rules', 'trial.json')
const promote = (id = 'test.trial', ...more: string[]) =>
  weir(['rules', 'promote', id, '--rules', folder.at('rules'), ...more])

beforeEach(() => {
  writeRules(folder.at('rules'))
  writeFileSync(file, TRIAL)
})

test('takes the line out and leaves every other byte, its permissions, and nothing beside it', async () => {
  chmodSync(file, 0o640)
  const before = readdirSync(folder.at('rules'))
  expect(await promote()).toEqual({ code: 0, stdout: `test.trial is live: ${file}\n`, stderr: '' })
  expect(readFileSync(file, 'utf8')).toBe(TRIAL.replace('  "mode" : "shadow",\n', ''))
  expect(statSync(file).mode & 0o777).toBe(0o640)
  expect(readdirSync(folder.at('rules'))).toEqual(before)
  const checked = await weir(['rules', 'check', folder.at('rules'), '--json'])
  expect(checked.stdout).toContain('"rule":"test.trial"')
  expect(checked.stdout).not.toContain('shadow')
})

test('a second time there is nothing to promote: exit 1', async () => {
  expect(JSON.parse((await promote('test.trial', '--json')).stdout)).toEqual({
    rule: 'test.trial',
    file,
    mode: 'live',
  })
  const after = readFileSync(file, 'utf8')
  const again = await promote()
  expect(again).toEqual({
    code: 1,
    stdout: '',
    stderr: 'test.trial is not in shadow mode: there is nothing to promote\n',
  })
  expect(readFileSync(file, 'utf8')).toBe(after)
})

test('not into a rule set with errors: exit 1, with their places, and the file is as it was', async () => {
  writeFileSync(
    folder.at('rules', 'wrong.json'),
    JSON.stringify({ ...RULE, id: 'test.wrong', severity: 'grave' }),
  )
  const { code, stdout, stderr } = await promote()
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toContain('wrong.json:1:')
  expect(stderr).toContain(`${file} is as it was`)
  expect(readFileSync(file, 'utf8')).toBe(TRIAL)
  writeFileSync(folder.at('rules', 'wrong.json'), JSON.stringify({ ...RULE, id: 'test.wrong' }))
})

test('a file that is a link stays one', async () => {
  mkdirSync(folder.at('linked'))
  symlinkSync(file, folder.at('linked', 'trial.json'))
  const { code } = await weir(['rules', 'promote', 'test.trial', '--rules', folder.at('linked')])
  expect([code, lstatSync(folder.at('linked', 'trial.json')).isSymbolicLink()]).toEqual([0, true])
  expect(readFileSync(file, 'utf8')).not.toContain('mode')
})

test('a rule that is not there: exit 2', async () => {
  const { code, stderr } = await promote('test.trail')
  expect([code, stderr]).toEqual([2, expect.stringContaining('did you mean test.trial?')])
})
