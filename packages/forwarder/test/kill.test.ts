import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { afterEach, expect, test } from 'vitest'
import { setting } from './bench.ts'
import { FeedStandIn } from './support/aggregator.ts'
import { makeAlert } from './support/alert.ts'
import { makeCertificates, pemFiles } from './support/certificates.ts'
import { SyslogReceiver } from './support/receiver.ts'

const ALERTS = 120
const REVISIONS = 3

const opened: (() => Promise<unknown> | unknown)[] = []

afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

test('killed again and again while alerts flow, it delivers the last revision of each', async () => {
  const { feed, siem, configFile } = await network()
  let child = await run(configFile)
  const spooled: number[] = []
  for (let revision = 1; revision <= REVISIONS; revision++) {
    for (let i = 0; i < ALERTS; i++) {
      feed.ship(i % 3 === 0 ? 'urgent' : 'bulk', makeAlert({ id: `a-${i}`, revision }))
      if (i % 60 !== 30) continue
      // The kill falls at a point of progress: after so many more messages, with more on their way.
      const sofar = siem.messages.length
      await siem.watched.until(() => siem.messages.length > sofar)
      spooled.push(lastSpooled(feed))
      child = await killAndRun(child, configFile)
    }
  }
  const [urgent, bulk] = [(ALERTS / 3) * REVISIONS, (ALERTS - ALERTS / 3) * REVISIONS]
  await feed.watched.until(
    () => feed.delivered('siem', 'urgent') === urgent && feed.delivered('siem', 'bulk') === bulk,
  )
  const arrived = new Set(siem.revisions())
  for (let i = 0; i < ALERTS; i++) expect(arrived, `alert ${i}`).toContain(`a-${i} ${REVISIONS}`)
  const begun = feed.sessions.slice(1).map(({ lanes }) => lanes!.urgent.seq + lanes!.bulk.seq)
  for (const [i, seq] of spooled.entries())
    expect(begun[i], 'what was told as spooled is on disk').toBeGreaterThanOrEqual(seq)
  expect(spooled.length).toBe(6)
  await stop(child)
})

test('killed while it writes a file that turns over, it tears no line and loses none', async () => {
  const { feed, url } = await feedAlone()
  const { folder } = setting({ url }, [
    { type: 'file', name: 'siem', path: 'x.ndjson', rotateBytes: '20KB', keep: 900, compression: 'gzip' },
  ])
  const configFile = join(folder, 'forwarder.json')
  let child = await run(configFile)
  for (let i = 0; i < 3 * ALERTS; i++) {
    feed.ship('bulk', makeAlert({ id: `a-${i}` }))
    if (i % 40 !== 30) continue
    const sofar = feed.delivered('siem', 'bulk') ?? 0
    await feed.watched.until(() => (feed.delivered('siem', 'bulk') ?? 0) > sofar)
    child = await killAndRun(child, configFile)
  }
  await feed.watched.until(() => feed.delivered('siem', 'bulk') === 3 * ALERTS)
  await stop(child)
  const texts = textsIn(folder)
  expect(texts.length).toBeGreaterThan(10)
  expect(texts.every((text) => text.endsWith('\n'))).toBe(true)
  const ids = texts
    .flatMap((text) => text.trimEnd().split('\n'))
    .map((line) => JSON.parse(line).weir.alert.id)
  expect(new Set(ids).size).toBe(3 * ALERTS)
})

test('it announces itself on standard output, and ends in order when it is told to', async () => {
  const { configFile } = await network()
  const child = await run(configFile)
  await stop(child)
  expect(child.exitCode).toBe(0)
})

function lastSpooled(feed: FeedStandIn): number {
  const { urgent = 0, bulk = 0 } = feed.marks.at(-1)?.spooled ?? {}
  return urgent + bulk
}

/** What the file and the older ones hold, unpacked. */
function textsIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => /^x\.ndjson(?:\.\d+(?:\.gz)?)?$/.test(name))
    .map((name) => ({ name, bytes: readFileSync(join(folder, name)) }))
    .map(({ name, bytes }) => (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString())
}

async function feedAlone() {
  const feed = new FeedStandIn()
  const url = await feed.listen()
  opened.push(() => feed.close())
  feed.pageEntriesMax = 7
  return { feed, url }
}

async function network() {
  const { authority, server } = makeCertificates()
  const { feed, url } = await feedAlone()
  const siem = new SyslogReceiver('octet', server)
  const port = await siem.listen()
  opened.push(() => siem.close())
  const { ca } = pemFiles({ ca: authority.cert })
  const { folder } = setting({ url }, [{ type: 'syslog', name: 'siem', host: 'localhost', port, ca }])
  return { feed, siem, configFile: join(folder, 'forwarder.json') }
}

async function run(configFile: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('run.ts', import.meta.url)), configFile], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  opened.push(() => child.kill('SIGKILL'))
  const [line] = (await once(createInterface(child.stdout!), 'line')) as [string]
  expect(JSON.parse(line)).toEqual({ ready: true, pid: child.pid, url: null })
  return child
}

async function killAndRun(child: ChildProcess, configFile: string): Promise<ChildProcess> {
  child.kill('SIGKILL')
  await once(child, 'exit')
  return run(configFile)
}

async function stop(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM')
  await once(child, 'exit')
}
