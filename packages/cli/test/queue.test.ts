import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcp } from 'node:net'
import { chainNext, chainStart, type Lane } from '@weir/contract'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { startSide, tempFolder, weir } from './command.ts'

/** With this rule no message of 2048 bytes can name its alert. */
const LONG_RULE = '🐟'.repeat(1000)

const folder = tempFolder()
const received: string[] = []
/** Takes messages framed by newlines, and keeps them. */
const siem = createTcp((socket) => {
  socket.on('error', () => undefined)
  socket.on('data', (data) => received.push(...data.toString().split('\n').filter(Boolean)))
})
let feed: Awaited<ReturnType<typeof serveFeed>>

beforeAll(async () => {
  await once(siem.listen(0, '127.0.0.1'), 'listening')
  feed = await serveFeed([alert('a'), alert('b'), alert('c'), { of: 'the\u001bfuture' }])
  configure('2048B')
  const forwarder = await startSide(['forwarder', '--config', folder.at('forwarder.json')])
  await vi.waitFor(async () => expect(await listed()).toHaveLength(4), { timeout: 20_000, interval: 300 })
  await forwarder.stop()
}, 30_000)

afterAll(() => {
  siem.close()
  feed.close()
  folder.remove()
})

function configure(sizeMax: string): void {
  const { port } = siem.address() as AddressInfo
  const config = {
    aggregators: [{ name: 'cloud', url: feed.url, token: { env: 'WEIR_TEST_QUEUE_TOKEN' } }],
    spool: { path: 'spool.db' },
    outputs: [
      { type: 'syslog', name: 'siem', host: '127.0.0.1', port, transport: 'tcp', framing: 'lf', sizeMax },
    ],
  }
  process.env['WEIR_TEST_QUEUE_TOKEN'] = 't0ken'
  writeFileSync(folder.at('forwarder.json'), JSON.stringify(config))
}

function queue(verb: string, ...args: string[]) {
  return weir(['queue', verb, '--config', folder.at('forwarder.json'), ...args])
}

async function listed(...args: string[]): Promise<Record<string, unknown>[]> {
  const { stdout } = await queue('list', '--json', ...args)
  const lines = stdout.trimEnd().split('\n').filter(Boolean)
  return lines.map((line) => JSON.parse(line)).filter((each) => 'number' in each)
}

test('a line for each output and one for each entry, which no alert can break or steer', async () => {
  const { code, stdout, stderr } = await queue('list')
  expect([code, stderr]).toEqual([0, ''])
  const [waits, ...lines] = stdout.trimEnd().split('\n')
  expect(waits).toBe('siem: 0 urgent and 0 bulk wait')
  expect(lines).toHaveLength(4)
  expect(lines.find((line) => line.includes(' *  cloud  '))).toMatch(/^\d+ {2}\* {2}cloud {2}cannot be read /)
  expect(lines[1]).toMatch(
    /^2 {2}siem {2}cloud {2}a revision 1 {2}(?:🐟)+ {2}low {2}20\d\d-.*Z .*does not fit.* bytes$/,
  )
})

test('--json has one object a line, and filters narrow them', async () => {
  expect(await listed('--id', 'b')).toEqual([
    {
      number: 3,
      output: 'siem',
      aggregator: 'cloud',
      id: 'b',
      revision: 1,
      rule: LONG_RULE,
      severity: 'low',
      at: expect.stringMatching(/Z$/),
      reason: expect.any(String),
      bytes: expect.any(Number),
      again: false,
    },
  ])
  expect((await listed('--output', '*')).map(({ output }) => output)).toEqual(['*'])
  const { stdout } = await queue('list', '--json', '--output', 'siem')
  expect(JSON.parse(stdout.split('\n')[0]!)).toEqual({ output: 'siem', pending: { urgent: 0, bulk: 0 } })
})

test.each([
  ['no word on which', []],
  ['numbers and all', ['1', '--all']],
  ['what is no number', ['first']],
])('to drop with %s is wrong use, and drops nothing', async (_, args) => {
  const { code, stdout } = await queue('drop', ...args)
  expect([code, stdout]).toEqual([2, ''])
  expect(await listed()).toHaveLength(4)
})

test('dropped is said in numbers; a number that is not there is a finding', async () => {
  expect(await queue('drop', '3', '77')).toEqual({
    code: 1,
    stdout: '1 entries dropped\n',
    stderr: 'not there (any more): 77\n',
  })
  expect((await listed()).map(({ number }) => number)).toEqual([1, 2, 4])
})

test('retried while no forwarder runs, it goes out as the next one starts; beside a running one within seconds', async () => {
  configure('8000B')
  expect(await queue('retry', '2')).toEqual({
    code: 0,
    stdout: '1 of 1 entries go out once more\n',
    stderr: '',
  })
  expect((await queue('list', '--id', 'a')).stdout).toMatch(/goes out once more\n$/)
  const forwarder = await startSide(['forwarder', '--config', folder.at('forwarder.json')])
  await vi.waitFor(() => expect(received.map(idOf)).toEqual(['a']), { timeout: 10_000 })
  const { code, stdout, stderr } = await queue('retry', '--all', '--json')
  expect([code, JSON.parse(stdout)]).toEqual([1, { again: 1, unreadable: 1, missing: [] }])
  expect(stderr).toBe('1 cannot be read by this version either; they stay\n')
  await vi.waitFor(() => expect(received.map(idOf)).toEqual(['a', 'c']), { timeout: 10_000 })
  await vi.waitFor(async () => expect((await listed()).map(({ output }) => output)).toEqual(['*']))
  await forwarder.stop()
}, 30_000)

test('of a spool that is not there: said so', async () => {
  const config = JSON.parse(readFileSync(folder.at('forwarder.json'), 'utf8'))
  writeFileSync(folder.at('other.json'), JSON.stringify({ ...config, spool: { path: 'none.db' } }))
  const { code, stderr } = await weir(['queue', 'list', '--config', folder.at('other.json')])
  expect(code).toBe(2)
  expect(stderr).toContain(`STORE_FAILED cannot read spool ${folder.at('none.db')}`)
})

function idOf(message: string): string | undefined {
  return /externalId=(\S+)/.exec(message)?.[1]
}

function alert(id: string): object {
  const time = '2026-03-01T10:00:00.000Z'
  return {
    '@timestamp': time,
    ecs: { version: '9.0.0' },
    message: 'x',
    event: {
      kind: 'alert',
      id,
      dataset: 'azure.signinlogs',
      module: 'weir',
      provider: 'weir',
      severity: 3,
      created: time,
      start: time,
      end: time,
    },
    rule: { id: LONG_RULE, name: 'Long' },
    observer: { vendor: 'Weir', product: 'Weir', version: '0.1.0' },
    weir: {
      alert: {
        id,
        revision: 1,
        kind: 'detection',
        status: 'open',
        severity: 'low',
        count: 1,
        first: time,
        last: time,
        group: {},
        events: [],
        late_by_ms: 0,
      },
    },
  }
}

/** An aggregator's feed that has these alerts in its bulk lane, and nothing after them. */
async function serveFeed(alerts: readonly object[]) {
  const lines = alerts.map((each, i) =>
    JSON.stringify({ seq: i + 1, at: '2026-03-01T10:00:00.000Z', alert: each }),
  )
  const start = (lane: Lane) => ({ seq: 0, chain: chainStart('e1', lane) })
  const chain = lines.reduce((before, line) => chainNext(before, Buffer.from(line)), start('bulk').chain)
  const end = JSON.stringify({ end: { lane: 'bulk', seq: lines.length, chain } })
  const session = (response: ServerResponse, body: string): void => {
    const { lanes = { urgent: start('urgent'), bulk: start('bulk') } } = JSON.parse(body)
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ session: 's', epoch: 'e1', restarted: false, lanes }))
  }
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const part of request) body += part
    const url = new URL(request.url!, 'http://x')
    if (url.pathname === '/v1/feed/session') session(response, body)
    else if (url.pathname === '/v1/feed/bulk' && url.searchParams.get('after') === '0')
      response.end(`${[...lines, end].join('\n')}\n`)
    else setTimeout(() => response.writeHead(204).end(), url.pathname.endsWith('marks') ? 0 : 200)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, close: () => server.close().closeAllConnections() }
}
