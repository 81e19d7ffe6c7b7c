import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WEIR } from '../e2e/weir.ts'
import { TestAggregator } from './aggregator.ts'
import { startQueues, type TestQueues } from './azurite.ts'
import { BlobReads } from './blob-reads.ts'
import { captureFile } from './capture-file.ts'

const blobs = new BlobReads()
let queues: TestQueues

beforeAll(async () => {
  queues = await startQueues()
})
afterAll(() => queues.kill())

function source(containers: readonly object[], more: object = {}): object {
  const auth = { kind: 'emulator', connectionString: blobs.azurite.connectionString }
  const often = { pollEvery: '100ms', pollNotifiedEvery: '1h', recheckEvery: '1h', discoverEvery: '1h' }
  return { type: 'blobs', name: 'blobs', auth, containers, ...often, ...more }
}

test('rows of $logs, captured messages and a CSV of a named dataset are records in the books', async () => {
  const hour = new Date().toISOString().slice(0, 13).replace(/[-T]/g, '/')
  const row =
    '1.0;2026-03-04T10:00:00Z;GetBlob;Success;200;1;1;anonymous;;a;blob;"u";"/a/x";ID;0;192.0.2.1:5;v;1;1;1;1;1;;;;;;"x";;'
  await blobs.upload(`blob/${hour}00/000000.log`, `${row}\nbad;row\n${row.replace('ID', 'ID2')}\n`)
  const body = '{"records":[{"n":1},{"n":2}]}'
  await blobs.upload(`ns/hub/0/${hour}/00/00.avro`, await captureFile([{ sequence: 1, enqueued: '', body }]))
  await blobs.upload('tables/users.csv.gz', gzipSync('user,arn\nada,a\nbob,b\n'))
  const { containerName: container } = blobs.container
  const weir = await TestAggregator.start([
    { ...source([{ container, kind: 'storage-analytics', prefixes: ['blob/'] }]), name: 'logs' },
    { ...source([{ container, kind: 'capture', prefixes: ['ns/'] }]), name: 'captured' },
    { ...source([{ container, kind: 'files', prefixes: ['tables/'], dataset: 'generic' }]), name: 'tables' },
  ])
  const books = async (name: string, count: number): Promise<unknown> => {
    const { read, normalized, quarantined } = await weir.until(
      'all is read',
      name,
      (each) => each.read >= count,
    )
    return [read, normalized, quarantined]
  }
  expect(await books('logs', 3)).toEqual([3, 2, 1])
  expect(await books('captured', 2)).toEqual([2, 2, 0])
  expect(await books('tables', 2)).toEqual([2, 2, 0])
  await weir.stop()
})

test('a message in the queue has a blob read long before the next poll, and is gone then, also over kill -9', async () => {
  const queue = queues.queues.getQueueClient('events')
  await queue.create()
  const notify = { queueUrl: `${queues.url}/events` }
  const { containerName: container } = blobs.container
  const weir = await TestAggregator.start([source([{ container, kind: 'files' }], { notify })])
  await weir.until(
    'the container is polled',
    'blobs',
    ({ partitions }) => partitions[0]?.state === 'caught-up',
  )
  for (const n of [1, 2]) {
    const blob = `${n}.json`
    await blobs.upload(blob, `{"n":${n}}\n`)
    const subject = `/blobServices/default/containers/${container}/blobs/${blob}`
    await queue.sendMessage(JSON.stringify({ subject, eventType: 'Microsoft.Storage.BlobCreated' }))
    const { read, duplicates } = await weir.until('it is read', 'blobs', (each) => each.read >= n)
    expect([read, duplicates]).toEqual([n, 0])
    await weir.killAndRestart()
  }
  await weir.stop()
})

test('weir normalize reads a captured file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-captured-'))
  const path = join(folder, 'a.avro')
  writeFileSync(path, await captureFile([{ sequence: 1, enqueued: '', body: '{"n":1}' }]))
  const { stdout } = await promisify(execFile)(process.execPath, [WEIR, 'normalize', '--input', path])
  rmSync(folder, { recursive: true })
  expect(stdout).toContain('generic')
})
