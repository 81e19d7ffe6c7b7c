import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { tempFolder, weir } from './command.ts'
import { lines, RULE, trail, writeRules } from './fixtures.ts'

const folder = tempFolder()
afterAll(() => folder.remove())
const rules = writeRules(folder.at('rules'))
const DAY = [trail(1), trail(2, 'DeleteTrail'), trail(3), trail(2, 'DeleteTrail')]

function file(name: string, content: string | Buffer): string {
  writeFileSync(folder.at(name), content)
  return folder.at(name)
}

async function replay(input: readonly string[], more: readonly string[] = [], stdin?: Buffer) {
  const args = ['replay', '--rules', rules, '--json', '--input', ...input, ...more]
  const ended = await weir(args, stdin === undefined ? {} : { input: stdin })
  const result = JSON.parse(ended.stdout.trimEnd().split('\n').at(-1) ?? '')
  const { normalized, duplicates, dropped, quarantined } = result
  expect(result.records).toBe(normalized + duplicates + dropped + quarantined)
  return { ...ended, result }
}

const SAME = { records: 4, normalized: 3, duplicates: 1, quarantined: 0, events: 3, matches: 1, alerts: 1 }

const UNREAD = 'what could not be read, and why: weir normalize --input …\n'

test.concurrent.each([
  ['lines', lines(DAY)],
  ['gzip', gzipSync(lines(DAY))],
  ['zstd', zstdCompressSync(lines(DAY))],
  ['an array', JSON.stringify(DAY)],
  ['an envelope over many lines', JSON.stringify({ Records: DAY }, null, 2)],
])('%s: the same records give the same result', async (name, content) => {
  const { code, stderr, result } = await replay([file(`day ${name}`, content)])
  expect([code, stderr]).toEqual([0, ''])
  expect(result).toMatchObject(SAME)
  expect(result.raw_bytes).toBeGreaterThan(1_000)
})

test('standard input', async () => {
  expect((await replay(['-'], [], gzipSync(lines(DAY)))).result).toMatchObject(SAME)
})

test('a folder with folders, and what it found in files', async () => {
  mkdirSync(folder.at('logs', 'deep'), { recursive: true })
  file('logs/a.ndjson', lines(DAY.slice(0, 2)))
  file('logs/deep/b.gz', gzipSync(lines(DAY.slice(2))))
  const [matches, alerts] = [folder.at('m.ndjson'), folder.at('a.ndjson')]
  const { result } = await replay([folder.at('logs')], ['--matches', matches, '--alerts', alerts])
  expect(result).toMatchObject(SAME)
  expect(JSON.parse(readFileSync(matches, 'utf8'))).toEqual({
    rule: 'test.trail-deleted',
    event_id: 'trail-2',
    dataset: 'aws.cloudtrail',
    time: '2026-01-02T03:04:02.000Z',
  })
  const alert = JSON.parse(readFileSync(alerts, 'utf8'))
  expect(alert).toMatchObject({ message: 'ada deleted a trail', weir: { alert: { severity: 'high' } } })
  expect(result.alert_bytes).toBe(JSON.stringify(alert).length)
})

test('alerts of a rule in shadow mode are left out, and that is said', async () => {
  const trial = folder.at('trial')
  mkdirSync(trial)
  writeFileSync(join(trial, 'rule.json'), JSON.stringify({ ...RULE, mode: 'shadow' }))
  const { stdout, stderr } = await weir([
    'replay',
    ...['--rules', trial],
    ...['--input', file('day.ndjson', lines(DAY))],
    '--json',
  ])
  expect(JSON.parse(stdout)).toMatchObject({ matches: 1, alerts: 0 })
  expect(stderr).toBe('alerts of rules in shadow mode, left out: 1; weir rules backtest lists them\n')
})

test('broken JSON goes to quarantine, and what stands around it counts', async () => {
  const content = `${lines(DAY.slice(0, 2))}{"eventID": "torn", "eventName\n${lines(DAY.slice(2))}`
  const { code, stderr, result } = await replay([file('broken.ndjson', content)])
  expect([code, stderr]).toEqual([0, UNREAD])
  expect(result).toMatchObject({ ...SAME, records: 5, quarantined: 1 })
})

test('a record of 20 MB goes to quarantine, alone or among lines, and holds up nobody', async () => {
  const large = JSON.stringify(trail(9, 'PutObject', { requestParameters: { note: 'x'.repeat(20_000_000) } }))
  const alone = file('large.json', large)
  const among = file('large.ndjson', `${lines(DAY)}${large}\n${lines([trail(10)])}`)
  const { code, result } = await replay([alone, among])
  expect(code).toBe(0)
  expect(result).toMatchObject({ normalized: 4, duplicates: 1, matches: 1 })
  expect(result.quarantined).toBeGreaterThanOrEqual(2)
})

test('a gzip that breaks off is told, what came before counts, and the other files go on', async () => {
  const whole = gzipSync(lines(Array.from({ length: 10_000 }, (_, n) => trail(n))))
  const cut = file('cut.gz', whole.subarray(0, whole.length - 100))
  const { code, stderr, result } = await replay([
    cut,
    file('other.ndjson', lines([trail(99_999, 'DeleteTrail')])),
  ])
  expect(code).toBe(1)
  expect(stderr).toBe(`weir: INPUT_UNREADABLE cannot read ${cut}: unexpected end of file\n${UNREAD}`)
  expect(result.normalized).toBeGreaterThan(5_000)
  expect(result.matches).toBe(1)
})

test('an empty file is no mistake', async () => {
  const { code, stderr, result } = await replay([file('empty.json', '')])
  expect([code, stderr]).toEqual([0, ''])
  expect(result).toMatchObject({ records: 0, events: 0, alerts: 0, raw_bytes: 0 })
})

test.concurrent.each([
  ['--input', () => ['--rules', rules, '--input', folder.at('none.json')], 'INPUT_UNREADABLE cannot read'],
  [
    '--rules',
    () => ['--rules', folder.at('none'), '--input', rules],
    'INPUT_UNREADABLE cannot read rules in',
  ],
  ['--alerts', () => ['--rules', rules, '--input', '-', '--alerts', rules], 'OUTPUT_FAILED cannot write'],
])('a path of %s that leads nowhere is told in one line', async (_option, args, words) => {
  const { code, stdout, stderr } = await weir(['replay', ...args()], { input: '' })
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toMatch(new RegExp(`^weir: ${words} .*\n$`))
})

test('a summary for people ends with the same counts', async () => {
  const { code, stdout } = await weir(['replay', '--rules', rules, '--input', file('day', lines(DAY))])
  expect(code).toBe(0)
  expect(stdout).toMatch(/^2026-01-02T03:04:02.000Z {2}high +test.trail-deleted {2}ada deleted a trail\n/)
  expect(stdout).toMatch(/\nrecords +4\nnormalized +3\nduplicates +1\n/)
})

test('normalize prints an event a line, and tells what it could not read', async () => {
  const content = `${lines(DAY.slice(0, 2))}{"torn\n`
  const { code, stdout, stderr } = await weir(['normalize', '--input', file('torn.ndjson', content)])
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(events.map((each) => [each['@timestamp'], each.event.id, each.event.dataset])).toEqual([
    ['2026-01-02T03:04:01.000Z', 'trail-1', 'aws.cloudtrail'],
    ['2026-01-02T03:04:02.000Z', 'trail-2', 'aws.cloudtrail'],
  ])
  expect(code).toBe(1)
  expect(stderr).toContain('torn.ndjson@0 record ')
})

test('a rule with a syntax error is named with file, line and column', async () => {
  mkdirSync(folder.at('bad'))
  const path = file('bad/rule.json', '{\n  "id": "test.bad",\n  "name": oops\n}\n')
  const [replayed, checked] = await Promise.all([
    weir(['replay', '--rules', folder.at('bad'), '--input', '-'], { input: '' }),
    weir(['rules', 'check', folder.at('bad')]),
  ])
  expect([replayed.code, replayed.stdout]).toEqual([2, ''])
  expect(replayed.stderr).toContain(`${path}:3:11 error json: `)
  expect(replayed.stderr).toContain('\nweir: RULES_REFUSED 1 error(s)')
  expect([checked.code, checked.stdout.startsWith(`${path}:3:11 error json: `)]).toEqual([1, true])
})
