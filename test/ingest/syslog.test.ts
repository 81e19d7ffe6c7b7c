import { execFile, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { makeCertificates } from '@weir/emulator'
import {
  checkSyslog,
  SYSLOG_BOUNDS,
  type SyslogBounds,
  type SyslogConfig,
  type SyslogListener,
  syslogSource,
} from '@weir/ingest'
import { unwrap } from '@weir/normalize'
import { createReport, systemClock } from '@weir/runtime'
import { expect, test } from 'vitest'
import { until } from '../e2e/until.ts'
import { Recorder } from './recorder.ts'
import { connected, counted, freePort, lined, sendDatagrams, sendInOrder } from './syslog-sender.ts'

const folder = mkdtempSync(join(tmpdir(), 'weir-syslog-'))

type Given = Partial<SyslogListener> & { readonly transport: SyslogListener['transport'] }

async function configOf(listener: Given, bounds: Partial<SyslogBounds> = {}): Promise<SyslogConfig> {
  const port = await freePort()
  const usual = { name: 'one', host: '127.0.0.1', port, format: 'syslog', zone: 'UTC', framing: 'auto' }
  const listeners = [{ ...usual, ...listener } as SyslogListener]
  return { ...SYSLOG_BOUNDS, statusMs: 10, drainMs: 20, ...bounds, name: 'source', listeners }
}

/** A source that listens, and what it delivered. */
async function listening(listener: Given, bounds: Partial<SyslogBounds> = {}, recorder = new Recorder()) {
  const config = await configOf(listener, bounds)
  const deps = { clock: systemClock, report: createReport('silent'), random: Math.random }
  const source = syslogSource(config, deps)
  recorder.start(source)
  if (bounds.bytesInFlightMax === undefined) await recorder.next('caught-up')
  return { port: config.listeners[0]!.port, recorder, source, report: deps.report }
}

/** Every message as text, in order. */
function taken(recorder: Recorder): string[] {
  return recorder.messages.flatMap(({ bytes, format }) => {
    if (format?.kind !== 'syslog') return []
    const words: string[] = []
    for (let i = 0; i < format.extents.length; i += 2)
      words.push(Buffer.from(bytes.subarray(format.extents[i], format.extents[i + 1])).toString())
    return words
  })
}

const WORDS = Array.from({ length: 50 }, (_, n) => `<13>word ${n}`)

test('datagrams are messages, one each, with their sender and a running number', async () => {
  const { port, recorder } = await listening({ transport: 'udp' })
  await sendDatagrams(port, [...WORDS, '\n', '<13>last\n'])
  await recorder.until((each) => taken(each).length === 51)
  await recorder.stop()
  expect(taken(recorder)).toEqual([...WORDS, '<13>last'])
  const [first] = recorder.messages
  expect([first!.at, first!.format]).toMatchObject([
    '1',
    { peer: '127.0.0.1', listener: expect.stringMatching(/^source\/one\/[0-9a-z]+$/), first: 1 },
  ])
  expect(recorder.cursors).toEqual(new Map([['one', '51']]))
})

test('the number goes on behind the stored one', async () => {
  const recorder = new Recorder(new Map([['one', '51']]))
  const { port } = await listening({ transport: 'udp' }, {}, recorder)
  await sendDatagrams(port, ['<13>next'])
  await recorder.until((each) => taken(each).length === 1)
  await recorder.stop()
  expect(recorder.messages[0]!.at).toBe('52')
})

test('datagrams that find no room are lost, and a gap in the numbers says how many', async () => {
  const recorder = new Recorder()
  recorder.hold()
  const { port } = await listening({ transport: 'udp' }, { bytesInFlightMax: 5_000 }, recorder)
  await recorder.until(({ states }) => states.some(({ state }) => state === 'caught-up'))
  await sendDatagrams(port, WORDS)
  const gaps = () => recorder.batches.flatMap(({ gap }) => gap ?? [])
  const lost = () => gaps().reduce((sum, { after, next }) => sum + Number(next) - Number(after) - 1, 0)
  // The smallest message takes its place in memory, too.
  await recorder.until((each) => taken(each).length === 9 && lost() > 0)
  await sendDatagrams(port, WORDS)
  await recorder.next('caught-up')
  await recorder.next('caught-up')
  expect([taken(recorder).length, gaps().length]).toEqual([9, 1])
  recorder.release()
  await recorder.until((each) => taken(each).length + lost() === 100)
  await sendDatagrams(port, ['<13>next'])
  await recorder.until((each) => taken(each).includes('<13>next'))
  await recorder.stop()
  expect(recorder.cursors).toEqual(new Map([['one', '101']]))
})

test.skipIf(!existsSync('/proc/net/udp'))(
  'datagrams for which the kernel had no room are told too',
  async () => {
    const { port, recorder } = await listening({ transport: 'udp' }, { receiveBufferBytes: 4_096 })
    const sender = `
    const socket = require('node:dgram').createSocket('udp4')
    let left = 2000
    for (let n = 0; n < 2000; n++) socket.send('x'.repeat(500), ${port}, '127.0.0.1', () => --left || socket.close())`
    // Nothing is read here while another process sends.
    execFileSync(process.execPath, ['-e', sender])
    const lost = (each: Recorder) =>
      each.batches
        .flatMap(({ gap }) => gap ?? [])
        .reduce((sum, { after, next }) => sum + Number(next) - Number(after) - 1, 0)
    await recorder.until((each) => lost(each) > 0 && lost(each) + taken(each).length === 2_000)
    await recorder.stop()
    expect(lost(recorder)).toBeGreaterThan(1_000)
  },
)

test.each([
  ['octets', counted(WORDS)],
  ['lines', lined(WORDS)],
])('over TCP, %s, cut anywhere', async (_, bytes) => {
  const { port, recorder } = await listening({ transport: 'tcp' })
  const socket = await connected(port)
  for (let at = 0; at < bytes.length; at += 7)
    await new Promise<void>((resolve) => socket.write(bytes.slice(at, at + 7), () => resolve()))
  await recorder.until((each) => taken(each).length === 50)
  socket.destroy()
  await recorder.stop()
  expect(taken(recorder)).toEqual(WORDS)
})

const LOGGER = '/usr/bin/logger'

test.skipIf(!existsSync(LOGGER))('what logger of util-linux sends, in each of its ways', async () => {
  const { port, recorder } = await listening({ transport: 'tcp' })
  const ways = [['--rfc3164'], ['--rfc5424'], ['--rfc5424', '--octet-count'], ['--rfc3164', '--octet-count']]
  const to = [
    '--server',
    '127.0.0.1',
    '--port',
    String(port),
    '--tcp',
    '-p',
    'auth.warning',
    '-t',
    'weir',
    '--id=99',
  ]
  for (const way of ways) await promisify(execFile)(LOGGER, [...to, ...way, `as ${way.join(' ')}`])
  await recorder.until((each) => taken(each).length === ways.length)
  await recorder.stop()
  const records = recorder.messages.flatMap(({ bytes, format }) => unwrap(bytes, format).records)
  expect(records).toMatchObject(
    ways.map((way) => ({
      message: `as ${way.join(' ')}`,
      syslog: { facility: 4, severity: 4, app: 'weir', process: '99', peer: '127.0.0.1' },
    })),
  )
})

test('over TLS with a certificate of the sender, and not without one', async () => {
  const made = await makeCertificates(folder, systemClock.now())
  const tls = { ...made.server, ca: made.ca }
  const { port, recorder } = await listening({ transport: 'tls', tls })
  const ca = readFileSync(made.ca)
  await sendInOrder(port, lined(['<13>nobody']), { ca })
  const client = { cert: readFileSync(made.client.cert), key: readFileSync(made.client.key) }
  await sendInOrder(port, counted(WORDS), { ca, ...client })
  await recorder.until((each) => taken(each).length === 50)
  await recorder.stop()
  expect(taken(recorder)).toEqual(WORDS)
})

test('a connection more than there may be is closed, and counted', async () => {
  const { port, recorder, report } = await listening({ transport: 'tcp' }, { connectionsMax: 1 })
  const first = await connected(port)
  const second = connect(port, '127.0.0.1')
  await once(second, 'close')
  first.write('<13>still there\n')
  await recorder.until((each) => taken(each).length === 1)
  first.destroy()
  await recorder.stop()
  expect(await report.registry.metrics()).toContain(
    'weir_syslog_connection_refused_total{source="source",listener="one"} 1',
  )
})

test('a port that somebody holds is told as cut off, and taken once it is free', async () => {
  const config = await configOf({ transport: 'tcp' })
  const { port } = config.listeners[0]!
  const holder = createServer().listen(port, '127.0.0.1')
  await once(holder, 'listening')
  const recorder = new Recorder()
  const source = syslogSource(config, {
    clock: systemClock,
    report: createReport('silent'),
    random: Math.random,
  })
  recorder.start(source)
  const { reason } = await recorder.next('cut-off', 'one')
  holder.close()
  await recorder.next('caught-up', 'one')
  await recorder.stop()
  expect(reason).toContain('EADDRINUSE')
})

test('what was not committed is delivered again after a failed commit, and what was is not', async () => {
  const { port, recorder: first, source } = await listening({ transport: 'tcp' })
  await sendInOrder(port, lined(['<13>one']))
  await first.until((each) => taken(each).length === 1)
  first.hold()
  await sendInOrder(port, lined(['<13>two']))
  await first.until((each) => taken(each).length === 2)
  await first.stop()
  const again = new Recorder(first.cursors).start(source)
  await again.next('caught-up')
  await again.stop()
  expect([taken(again), again.messages[0]!.at]).toEqual([['<13>two'], '2'])
})

test('while every commit fails, what is kept stays within its bound, however often senders come again', async () => {
  const {
    port,
    recorder: first,
    source,
  } = await listening({ transport: 'tcp' }, { bytesInFlightMax: 50_000 })
  const flood = lined(Array.from({ length: 2_000 }, (_, n) => `<13>word ${n} ${'x'.repeat(40)}`))
  const kept: number[] = []
  let recorder = first
  for (let life = 0; life < 6; life++) {
    recorder.hold()
    const sockets = await Promise.all([connected(port), connected(port), connected(port)])
    await Promise.all(sockets.map((socket) => new Promise((sent) => socket.write(flood, sent))))
    await recorder.next('lagging')
    await recorder.stop()
    for (const socket of sockets) socket.destroy()
    kept.push(recorder.messages.reduce((sum, { bytes }) => sum + bytes.length, 0))
    recorder = new Recorder()
    recorder.hold()
    recorder.start(source)
  }
  await recorder.stop()
  expect(kept.at(-1)).toBe(kept[1])
})

test('a sender that never pauses does not keep a listener from its end', async () => {
  const config = await configOf({ transport: 'tcp' })
  const deps = { clock: systemClock, report: createReport('silent'), random: Math.random }
  const stop = new AbortController()
  let delivered = 0
  const ended = syslogSource(config, deps).run({
    cursors: new Map(),
    signal: stop.signal,
    // A line that takes its time.
    deliver: async (signal) => {
      await new Promise((resolve) => setTimeout(resolve, 20))
      if (signal.kind !== 'batch') return
      delivered++
      signal.committed?.()
    },
  })
  const socket = await connected(config.listeners[0]!.port)
  socket.allowHalfOpen = true
  const flood = lined(new Array(2_000).fill('<13>more and more and more'))
  const write = (): void => void (socket.destroyed || socket.write(flood, write))
  write()
  await until('the flood has begun', async () => delivered > 3)
  stop.abort()
  await ended
  socket.destroy()
})

test('bare JSON comes as lines, whatever the framing', async () => {
  const { port, recorder } = await listening({ transport: 'tcp', format: 'json' })
  await sendInOrder(port, counted(['{"a":1}', '{"a":2}']))
  await recorder.until((each) => each.messages.length > 0)
  await recorder.stop()
  expect([recorder.text, recorder.messages[0]!.format]).toEqual(['{"a":1}\n{"a":2}\n', undefined])
})

test('the doctor opens each port for a moment and holds key against certificate', async () => {
  const made = await makeCertificates(folder, systemClock.now())
  const { server, client } = made
  const holder = createServer().listen(0, '127.0.0.1')
  await once(holder, 'listening')
  const config = await configOf({ transport: 'udp' })
  const [udp] = config.listeners as [SyslogListener]
  const held = (holder.address() as { port: number }).port
  const listeners = [
    udp,
    { ...udp, name: 'held', transport: 'tcp', port: held, framing: 'auto' },
    { ...udp, name: 'tls', transport: 'tls', framing: 'auto', tls: { cert: server.cert, key: client.key } },
    { ...udp, name: 'elsewhere', host: '192.0.2.1' },
  ] as SyslogListener[]
  const checks = await checkSyslog({ ...config, listeners }, systemClock)
  holder.close()
  expect(checks.map(({ name, ok }) => [name, ok])).toEqual([
    ['source listener one', true],
    ['source listener held', true],
    ['source listener tls', true],
    ['source listener tls certificate', false],
    ['source listener elsewhere', false],
  ])
  expect(checks[1]!.detail).toContain('in use')
})
