import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { createClient, type LedgerReply, ledgerReply, SESSION_HEADER } from '@weir/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { differencesOf } from '../src/ledger/differences.ts'
import { linesOf } from '../src/ledger/lines.ts'
import { startSide, tempFolder, weir } from './command.ts'
import { lines, trail, writeRules } from './fixtures.ts'

const NOTHING = { received: 0, sent: 0, feedBytes: 0, feedPackedBytes: 0, evidenceBytes: 0, breaks: 0 }
const north = { caller: 'north', forwarder: true, ...NOTHING }
const rule = {
  matches: 9,
  errors: 0,
  skipped: 0,
  shadowAlerts: 0,
  shadowRevisions: 0,
  shadowBytes: 0,
}

const LEDGER: LedgerReply = {
  rawBytes: 9e9,
  records: 1e6,
  from: '2026-02-28',
  to: '2026-03-01',
  link: { bytes: 2_534_000, rawBytes: 800_000_000, share: 0.003 },
  sources: [{ source: 'hubs', records: 1e6, rawBytes: 9e9 }],
  rawDays: [
    { day: '2026-02-28', source: 'hubs', rawBytes: 600_000_000, records: 10 },
    { day: '2026-03-01', source: 'hubs', rawBytes: 200_000_000, records: 4 },
  ],
  linkDays: [
    {
      ...north,
      day: '2026-02-28',
      received: 400_000,
      sent: 1_600_000,
      own: { received: 400_000, sent: 1_600_001 },
    },
    {
      ...north,
      day: '2026-03-01',
      received: 100_000,
      sent: 400_000,
      feedBytes: 900_000,
      feedPackedBytes: 300_000,
    },
    {
      ...NOTHING,
      day: '2026-03-01',
      caller: 'analyst',
      forwarder: false,
      sent: 33_000,
      evidenceBytes: 30_500,
    },
    { ...NOTHING, day: '2026-03-01', caller: '', forwarder: false, received: 517, sent: 483 },
  ],
  rules: [
    { ...rule, rule: 'aws.trail', alerts: 2, revisions: 3, alertBytes: 4_321 },
    { ...rule, rule: 'entra.spray', alerts: 10, revisions: 30, alertBytes: 45_678 },
    { ...rule, rule: 'quiet', alerts: 0, revisions: 0, alertBytes: 0 },
  ],
  forwarders: [
    {
      name: 'north',
      lanes: {},
      delivered: {},
      budget: { bytesMax: 5_000_000, bytesLeft: 4_500_000, resets: '2026-03-02T00:00:00.000Z' },
    },
  ],
}

test('a table says what was read, what crossed, whose it was, what is left, and what took it', () => {
  expect(linesOf(LEDGER, [])).toEqual([
    '                  today, 2026-03-01  since 2026-02-28',
    'read                       200.0 MB          800.0 MB',
    'crossed the link           534.0 kB            2.5 MB',
    'link over read               0.27 %            0.32 %',
    '',
    'Link, by whose token came over it',
    '                 today  received     sent     pages    packed  evidence  breaks  own count',
    '  north       500.0 kB  500.0 kB   2.0 MB  900.0 kB  300.0 kB       0 B       0     2.0 MB',
    '  analyst      33.0 kB       0 B  33.0 kB       0 B       0 B   30.5 kB       0',
    '  (no token)    1.0 kB     517 B    483 B       0 B       0 B       0 B       0',
    '',
    'Budget of the day',
    '  north: 4.5 MB of 5.0 MB left until 2026-03-02T00:00:00.000Z',
    '',
    'Rules, by bytes of their alerts since the store began',
    '               alerts  revisions    bytes',
    '  entra.spray      10         30  45.7 kB',
    '  aws.trail         2          3   4.3 kB',
  ])
})

describe('a difference of the two sides', () => {
  const day = (own: number, more: object = {}) => ({
    ...LEDGER,
    linkDays: [{ ...north, day: '2026-02-28', sent: 10_000, own: { received: 0, sent: own }, ...more }],
  })

  test.each([
    ['one in a hundred is none', day(10_100), []],
    ['a byte more is one', day(10_101), [10_101]],
    ['fewer as well', day(9_899), [9_899]],
    ['not where a connection broke', day(5_000, { breaks: 1 }), []],
    ['not of the day that goes on', day(5_000, { day: '2026-03-01' }), []],
    ['not where the forwarder said nothing', day(0, { own: undefined }), []],
  ])('%s', (_, ledger, expected) => {
    expect(differencesOf(ledger).map((each) => each.forwarderBytes)).toEqual(expected)
  })

  test('is told with both counts', () => {
    const ledger = day(10_500)
    expect(linesOf(ledger, differencesOf(ledger)).at(-1)).toBe(
      '  2026-02-28  north  5.0 %: 10000 bytes by the aggregator, 10500 by the forwarder',
    )
  })
})

describe('the command, against an aggregator', () => {
  const folder = tempFolder()
  const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
  const YESTERDAY = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)
  let side: Awaited<ReturnType<typeof startSide>>

  beforeAll(async () => {
    writeFileSync(folder.at('day.ndjson'), lines([trail(1)]))
    const config = {
      store: { path: 'weir.db' },
      rules: { folders: [writeRules(folder.at('rules'))] },
      api: {
        port: 0,
        tokens: [
          { name: 'analyst', role: 'reader', sha256: sha256('reader') },
          { name: 'north', role: 'forwarder', sha256: sha256('north') },
        ],
      },
      forwarders: [{ name: 'north', link: { maxBytesPerDay: '1MB' } }],
      sources: [{ type: 'files', name: 'logs', inputs: ['day.ndjson'] }],
    }
    writeFileSync(folder.at('aggregator.json'), JSON.stringify(config))
    side = await startSide(['aggregator', '--config', folder.at('aggregator.json')])
  })
  afterAll(async () => {
    await side.stop()
    folder.remove()
  })

  function ledger(...args: string[]) {
    return weir(['ledger', ...args], { env: { WEIR_URL: side.url, WEIR_TOKEN: 'reader' } })
  }

  test('shows the days, as JSON too, and exits 1 when a day differs', async () => {
    const client = createClient({ url: side.url, token: 'north' })
    const { session } = await client.feed.session({ outputs: [] })
    const plain = await ledger()
    expect([plain.code, plain.stderr]).toEqual([0, ''])
    expect(plain.stdout).toContain('crossed the link')
    expect(plain.stdout).toMatch(/north: 99\d\.\d kB of 1\.0 MB left until/)

    await client.feed.marks(session, { linkDays: [{ day: YESTERDAY, sent: 70, received: 30 }] })
    await client.close()
    const { code, stdout } = await ledger('--json', '--days', '2')
    expect(code).toBe(1)
    const reply = JSON.parse(stdout)
    expect(ledgerReply.parse(reply).from).toBe(YESTERDAY)
    expect(reply.differences).toMatchObject([{ day: YESTERDAY, forwarder: 'north', forwarderBytes: 100 }])
    expect((await ledger('--days', '1')).code).toBe(0)
  })

  test('a day that is none is refused', async () => {
    const { code, stderr } = await ledger('--days', '0')
    expect(code).toBe(2)
    expect(stderr).toContain('whole number')
    const headers = { authorization: 'Bearer reader', [SESSION_HEADER]: '' }
    expect((await fetch(`${side.url}/v1/ledger?from=yesterday`, { headers })).status).toBe(400)
  })
})
