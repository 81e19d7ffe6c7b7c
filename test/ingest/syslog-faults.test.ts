import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCertificates } from '@weir/emulator'
import { SYSLOG_BOUNDS, syslogSource } from '@weir/ingest'
import { createReport, systemClock } from '@weir/runtime'
import { expect } from 'vitest'
import { until } from '../e2e/until.ts'
import { TestAggregator } from './aggregator.ts'
import { testFaults } from './faults.ts'
import { Recorder } from './recorder.ts'
import { connected, counted, freePort, lined, sendInOrder } from './syslog-sender.ts'

const folder = mkdtempSync(join(tmpdir(), 'weir-syslog-faults-'))
const DAY_MS = 86_400_000

/** RFC 5424 with parts of a second, each its own. */
function messages(from: number, to: number): string[] {
  const one = (n: number): string => {
    const time = new Date(Date.parse('2026-01-02T03:04:05Z') + n).toISOString()
    return `<134>1 ${time} host app ${n} - - message ${n} ${'p'.repeat(100)}`
  }
  return Array.from({ length: to - from }, (_, n) => one(from + n))
}

/** An aggregator that listens. */
async function listening(
  listener: object = { transport: 'tcp' },
  line: object = { groupCommit: '5ms' },
): Promise<{ port: number; weir: TestAggregator }> {
  const port = await freePort()
  const listeners = [{ ...listener, host: '127.0.0.1', port }]
  const weir = await TestAggregator.start([{ type: 'syslog', name: 'syslog', listeners }], { line })
  return { port, weir }
}

/** The books once so many records are read, and the end. */
async function booksAt(weir: TestAggregator, records: number): Promise<object> {
  const source = await weir.until(`${records} records are read`, 'syslog', ({ read }) => read >= records)
  await weir.stop()
  const { read, normalized, duplicates, quarantined } = source
  return { read, normalized, duplicates, quarantined }
}

testFaults('a syslog source', {
  'first run': async () => {
    const { port, weir } = await listening()
    await sendInOrder(port, counted(messages(0, 100)))
    expect(await booksAt(weir, 100)).toEqual({ read: 100, normalized: 100, duplicates: 0, quarantined: 0 })
  },

  // Nothing is committed of itself within the test, so that what the books hold afterwards was committed at the stop.
  restart: async () => {
    const { port, weir } = await listening({ transport: 'tcp' }, { groupCommit: '1h' })
    await sendInOrder(port, lined(messages(0, 5_000)))
    const socket = await connected(port)
    socket.write(lined(messages(5_000, 5_010)))
    await weir.stopAndRestart()
    socket.destroy()
    const { read } = (await weir.source('syslog'))!
    await sendInOrder(port, lined(messages(5_010, 5_020)))
    await weir.stopAndRestart()
    const books = await booksAt(weir, 5_020)
    expect([read, books]).toEqual([5_010, { read: 5_020, normalized: 5_020, duplicates: 0, quarantined: 0 }])
  },

  'kill -9': async () => {
    const { port, weir } = await listening()
    let sent = 0
    const stream = async (): Promise<void> => {
      while (sent < 60_000) {
        const socket = await connected(port)
        const gone = new Promise<void>((resolve) => socket.on('close', () => resolve()))
        while (sent < 60_000 && !socket.destroyed) {
          const more = lined(messages(sent, sent + 100))
          sent += 100
          if (!socket.write(more))
            await Promise.race([gone, new Promise((resolve) => socket.once('drain', resolve))])
        }
        socket.end()
        await gone
      }
    }
    const all = stream()
    for (const share of [0.1, 0.3, 0.5]) {
      const before = await weir.until('some is read', 'syslog', ({ read }) => read >= 3_000 * share)
      await weir.killAndRestart()
      const after = (await weir.source('syslog'))!
      expect(after.read).toBeGreaterThanOrEqual(before.read)
      expect([after.normalized, after.duplicates]).toEqual([after.read, 0])
    }
    await all
    const before = (await weir.until('the rest is read', 'syslog', ({ read }) => read > 0)).read
    await sendInOrder(port, lined(messages(sent, sent + 10)))
    const books = await weir.until('the last are read', 'syslog', ({ read }) => read >= before + 10)
    await weir.stop()
    expect([books.normalized, books.duplicates, books.quarantined]).toEqual([books.read, 0, 0])
    expect(books.read).toBeLessThanOrEqual(sent + 10)
  },

  // What expires here is a sender's certificate.
  'token expired': async () => {
    const now = systemClock.now()
    const good = await makeCertificates(join(folder, 'good'), now)
    const old = await makeCertificates(join(folder, 'old'), now - 60 * DAY_MS)
    const ca = join(folder, 'ca.pem')
    writeFileSync(ca, readFileSync(old.ca))
    const { port, weir } = await listening({ transport: 'tls', tls: { ...good.server, ca } })
    const show = ({ client }: typeof good) => ({
      ca: readFileSync(good.ca),
      cert: readFileSync(client.cert),
      key: readFileSync(client.key),
    })
    await sendInOrder(port, counted(messages(0, 10)), show(old))
    await until('the handshake is refused', async () => weir.log.includes('CERT_HAS_EXPIRED'))
    // A renewed authority is read when the listener opens.
    writeFileSync(ca, readFileSync(good.ca))
    await weir.stopAndRestart()
    await sendInOrder(port, counted(messages(10, 20)), show(good))
    expect(await booksAt(weir, 10)).toEqual({ read: 10, normalized: 10, duplicates: 0, quarantined: 0 })
  },

  // Here it is the source that throttles: at its bound it reads no more, and the sender waits.
  throttled: async () => {
    const port = await freePort()
    const listener = { name: 'tcp', transport: 'tcp', framing: 'auto', host: '127.0.0.1', port } as const
    const bounds = { ...SYSLOG_BOUNDS, drainMs: 20, bytesInFlightMax: 20_000 }
    const listeners = [{ ...listener, format: 'syslog', zone: 'UTC' }] as const
    const deps = { clock: systemClock, report: createReport('silent'), random: Math.random }
    const recorder = new Recorder()
    recorder.hold()
    recorder.start(syslogSource({ ...bounds, name: 'syslog', listeners }, deps))
    const all = lined(messages(0, 100_000))
    const sent = sendInOrder(port, all)
    await recorder.until(({ text }) => text.length > 10_000)
    await recorder.next('lagging')
    expect(recorder.text.length).toBeLessThanOrEqual(20_000)
    recorder.release()
    await sent
    await recorder.until(
      ({ messages: taken }) => taken.reduce((sum, { format }) => sum + count(format), 0) === 100_000,
    )
    await recorder.stop()
  },

  'network cut mid-page': async () => {
    const { port, weir } = await listening()
    const whole = counted(messages(0, 10))
    const socket = await connected(port)
    socket.write(`${whole}${counted(messages(10, 11)).slice(0, 50)}`)
    await weir.until('the whole ones are read', 'syslog', ({ read }) => read >= 10)
    socket.resetAndDestroy()
    await weir.until('the half one is set aside', 'syslog', ({ quarantined }) => quarantined === 1)
    await sendInOrder(port, counted(messages(10, 20)))
    expect(await booksAt(weir, 21)).toEqual({ read: 21, normalized: 20, duplicates: 0, quarantined: 1 })
  },

  'truncated body': async () => {
    const { port, weir } = await listening()
    await sendInOrder(port, `${counted(messages(0, 10))}100 <134>1 - - - - - - cut`)
    expect(await booksAt(weir, 11)).toEqual({ read: 11, normalized: 10, duplicates: 0, quarantined: 1 })
  },

  'clock skew': async () => {
    const { port, weir } = await listening()
    const future = '<134>1 2099-01-01T00:00:00.000Z host app - - - from the future'
    await sendInOrder(port, lined([future, ...messages(0, 2)]))
    const { partitions } = await weir.until('all is read', 'syslog', ({ read }) => read >= 3)
    await weir.stop()
    expect(Date.parse(partitions[0]!.clock!)).toBeLessThan(Date.parse('2098-01-01T00:00:00Z'))
  },

  // What is sent twice is known where the stamp tells parts of a second; else two equal lines are two events.
  duplicates: async () => {
    const { port, weir } = await listening()
    const old = Array.from({ length: 5 }, () => '<34>Oct 11 22:14:15 host sshd[1]: refused')
    await sendInOrder(port, lined([...messages(0, 10), ...messages(0, 10), ...old]))
    expect(await booksAt(weir, 25)).toEqual({ read: 25, normalized: 15, duplicates: 10, quarantined: 0 })
  },

  'poison record': async () => {
    const { port, weir } = await listening()
    await sendInOrder(port, `${counted(messages(0, 5))}no length at all`)
    await sendInOrder(port, lined(['<1>before', `\u0000\u0001 no syslog at all {"a":`, '<1>after']))
    await sendInOrder(port, counted(messages(5, 10)))
    expect(await booksAt(weir, 14)).toEqual({ read: 14, normalized: 13, duplicates: 0, quarantined: 1 })
  },
})

function count(format: { readonly kind: string } | undefined): number {
  return format?.kind === 'syslog'
    ? (format as { extents: readonly number[] } & typeof format).extents.length / 2
    : 0
}
