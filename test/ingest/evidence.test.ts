import { createHash, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { kill } from 'node:process'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import type { ContainerClient } from '@azure/storage-blob'
import type { EvidenceLine } from '@weir/contract'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { until } from '../e2e/until.ts'
import { TestAggregator } from './aggregator.ts'
import { startAzurite, type TestAzurite } from './azurite.ts'
import { captureFile } from './capture-file.ts'
import { startEventHubs, type TestEventHubs } from './event-hubs.ts'

const RULE = {
  id: 'test.probes',
  name: 'Probes',
  severity: 'high',
  dataset: ['generic'],
  conditions: { all: [{ fact: 'record', path: '$.probe', operator: 'equal', value: 'x' }] },
  correlation: { type: 'event_count', timespan: '1h', condition: { gte: 1 } },
  event: { type: 'test', params: { message: '{{count}} probes' } },
}

const HOUR = new Date().toISOString().slice(0, 13)
const TIME = `${HOUR}:00:00Z`

let folder: string
let hubs: TestEventHubs
let azurite: TestAzurite
let container: ContainerClient
let weir: TestAggregator

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weir-probes-'))
  writeFileSync(join(folder, 'probes.json'), JSON.stringify(RULE))
  ;[hubs, azurite] = await Promise.all([startEventHubs(['probes:2']), startAzurite()])
})
beforeEach(async () => {
  await hubs.restartEmpty()
  container = azurite.service.getContainerClient(`c-${randomUUID()}`)
  await container.create()
})
afterEach(() => weir.stop())
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await Promise.all([hubs.stop(), azurite.kill()])
})

/** Records as a provider would write them: their spaces and the order of their members are theirs. */
function records(name: string, count: number, from = 0): string[] {
  return Array.from(
    { length: count },
    (_, n) => `{ "n":${from + n}, "of":"${name}","time":"${TIME}",  "probe":"x"}`,
  )
}

/** The rule is there from the first record on. */
async function start(sources: readonly object[]): Promise<void> {
  weir = await TestAggregator.start(sources, {
    rules: { folders: [folder] },
    line: { groupCommit: '5ms', evidenceRecordsMax: 2, quietRevision: '200ms' },
  })
}

const auth = () => ({ kind: 'emulator', connectionString: hubs.connectionString })

function hubSource(): object {
  return { type: 'event-hubs', name: 'hub', auth: auth(), hubs: ['probes'], statusEvery: '50ms' }
}

function blobs(name: string, kind: string, prefix: string, more: object = {}): object {
  const { containerName } = container
  const containers = [{ container: containerName, kind, prefixes: [prefix], ...more }]
  const connection = { kind: 'emulator', connectionString: azurite.connectionString }
  return { type: 'blobs', name, auth: connection, containers, pollEvery: '100ms', discoverEvery: '200ms' }
}

/** The alert that all probes are in, once it has so many members. */
async function alertOf(count: number): Promise<string> {
  return until(`there is an alert of ${count} members`, () =>
    weir.ask(async (client) => {
      for await (const { items } of client.alerts({ rule: RULE.id }))
        for (const { weir: of } of items) if (of.alert.count >= count) return of.alert.id
      return undefined
    }),
  )
}

async function evidence(id: string): Promise<EvidenceLine[]> {
  return weir.ask(async (client) => {
    const lines: EvidenceLine[] = []
    for await (const line of client.evidence(id)) lines.push(line)
    return lines
  })
}

/** The records that came, each proven by its digest. */
function recordsIn(lines: readonly EvidenceLine[]): string[] {
  return lines.flatMap(({ bytes, sha256 }) => {
    if (bytes === undefined) return []
    const record = Buffer.from(bytes, 'base64')
    expect(createHash('sha256').update(record).digest('hex')).toBe(sha256)
    return [record.toString()]
  })
}

function absences(lines: readonly EvidenceLine[]): (string | undefined)[] {
  return [...new Set(lines.filter(({ bytes }) => bytes === undefined).map(({ absent }) => absent))]
}

async function writeFlow(name: string, blocks: readonly string[]): Promise<void> {
  const blob = container.getBlockBlobClient(name)
  const parts = ['{"records":[', ...blocks.map((block, n) => (n === 0 ? block : `,${block}`)), ']}']
  const ids = parts.map((_, n) => Buffer.from(`block-${String(n).padStart(6, '0')}`).toString('base64'))
  for (const [n, part] of parts.entries()) await blob.stageBlock(ids[n]!, part, Buffer.byteLength(part))
  await blob.commitBlockList(ids)
}

test('from hub and blob every record comes back as it was produced, however few are kept', async () => {
  const [year, month, day] = HOUR.slice(0, 10).split('-')
  const hour = `y=${year}/m=${month}/d=${day}/h=${HOUR.slice(11)}/m=00/PT1H.json`
  const lines = (list: readonly string[]): string => list.map((each) => `${each}\n`).join('')
  const put = (name: string, bytes: string | Buffer) =>
    container.getBlockBlobClient(name).upload(bytes, Buffer.byteLength(bytes))
  const csv = Array.from({ length: 30 }, (_, n) => `x,"${n}, of a table",${TIME}`)

  const sent = {
    single: records('single', 40),
    bundled: records('bundled', 40),
    packed: records('packed', 40),
    appended: records('appended', 40),
    flow: records('flow', 40),
    captured: records('captured', 40),
    document: records('document', 40),
    zipped: records('zipped', 40),
    csv,
  }
  await hubs.send('probes', '0', sent.single)
  await hubs.send('probes', '1', [
    `{"records": [${sent.bundled.slice(0, 25).join(' , ')}]}`,
    lines(sent.bundled.slice(25)),
    gzipSync(lines(sent.packed)),
  ])
  const append = container.getAppendBlobClient(`append/${hour}`)
  await append.create()
  for (let n = 0; n < 40; n += 8) {
    const text = lines(sent.appended.slice(n, n + 8))
    await append.appendBlock(text, Buffer.byteLength(text))
  }
  await writeFlow(`flow/${hour}`, sent.flow)
  const captured = sent.captured.map((body, n) => ({ sequence: 500 + n, enqueued: TIME, body }))
  const avro = await captureFile(captured, { blockSize: 1_000, codec: 'deflate' })
  await put(`ns/probes/0/${HOUR.replace(/[-T]/g, '/')}/00/00.avro`, avro)
  await put('files/document.json', `{"records":\n[${sent.document.join(',\n')}]}`)
  await put('files/lines.jsonl.zst', zstdCompressSync(lines(sent.zipped)))
  await put('tables/probes.csv.gz', gzipSync(`probe,what,time\n${lines(csv)}`))

  await start([
    hubSource(),
    blobs('append', 'append', 'append/'),
    blobs('flow', 'flow', 'flow/'),
    blobs('capture', 'capture', 'ns/'),
    blobs('files', 'files', 'files/'),
    blobs('tables', 'files', 'tables/', { dataset: 'generic' }),
  ])
  const all = Object.values(sent).flat()
  const id = await alertOf(all.length)
  const size = await weir.ask((client) => client.evidenceSize(id))
  expect(size.members).toBe(all.length)
  expect(size.lacking).toBeGreaterThan(all.length / 2)

  const came = await evidence(id)
  expect(absences(came)).toEqual([])
  expect(recordsIn(came).sort()).toEqual([...all].sort())
  const [audit] = await weir.ask(async (client) => {
    for await (const { items } of client.audit()) return items
    return []
  })
  expect(audit).toMatchObject({ alert: id, caller: 'test', outcome: 'served', records: all.length })
  expect(audit!.recordBytes).toBe(all.reduce((sum, each) => sum + Buffer.byteLength(each), 0))
}, 120_000)

test('what a hub or an account has no longer is named, and what stands in its place is not handed out', async () => {
  const [hub, gone, other] = [records('hub', 40), records('gone', 40), records('other', 40)]
  await hubs.send('probes', '0', hub)
  const put = (name: string, list: readonly string[]) => {
    const text = list.join('\n')
    return container.getBlockBlobClient(name).upload(text, Buffer.byteLength(text))
  }
  await put('files/gone.json', gone)
  await put('files/other.json', other)
  await start([hubSource(), blobs('files', 'files', 'files/')])
  const id = await alertOf(120)
  expect(recordsIn(await evidence(id))).toHaveLength(120)

  await weir.stopAndRestart()
  await hubs.control('POST', '/retain', { hub: 'probes', partition: '0', from: 30 })
  await container.getBlobClient('files/gone.json').delete()
  await put('files/other.json', records('another', 40, 1000))
  const left = await evidence(id)
  const absentOf = (name: string): (string | undefined)[] =>
    absences(left.filter(({ position }) => `${position.partition}@${position.at}`.includes(name)))
  expect(absentOf('gone.json')).toEqual(['retention'])
  expect(absentOf('other.json')).toEqual(['not-found'])
  expect(absentOf('probes/0')).toEqual(['retention'])
  const came = recordsIn(left)
  expect(came).toEqual(expect.arrayContaining(hub.slice(30)))
  expect(came.filter((each) => each.includes('another'))).toEqual([])
}, 120_000)

test('kill -9 amid a request leaves it in the audit', async () => {
  await hubs.send('probes', '0', records('hub', 40))
  await start([hubSource()])
  const id = await alertOf(40)
  const audits = () =>
    weir.ask(async (client) => {
      for await (const { items } of client.audit()) return items
      return []
    })
  // The hub does not answer, so the request is amid its records for as long as we like.
  kill(hubs.pid, 'SIGSTOP')
  const asking = evidence(id).catch((error: Error) => error)
  await until('the request is under way', async () => (await audits()).length === 1)
  await weir.killAndRestart()
  kill(hubs.pid, 'SIGCONT')
  expect(await asking).toBeInstanceOf(Error)
  expect(await audits()).toMatchObject([{ alert: id, caller: 'test', outcome: 'begun' }])
}, 120_000)
