import { randomUUID } from 'node:crypto'
import type { QueueClient } from '@azure/storage-queue'
import { BLOB_BOUNDS, checkBlobs } from '@weir/ingest'
import { systemClock } from '@weir/runtime'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startQueues, type TestQueues } from './azurite.ts'
import { BlobReads, BOUNDS, HOUR, NOW, nameAt } from './blob-reads.ts'
import { captureFile } from './capture-file.ts'
import type { Recorder } from './recorder.ts'

const blobs = new BlobReads()
let queues: TestQueues
let queue: QueueClient

beforeAll(async () => {
  queues = await startQueues()
})
afterAll(() => queues.kill())
beforeEach(async () => {
  queue = queues.queues.getQueueClient(`q-${randomUUID()}`)
  await queue.create()
})

const ACCOUNT =
  '/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/devstoreaccount1'

interface Said {
  readonly container?: string
  readonly blob: string
  readonly type?: string
  readonly account?: string
}

function subjectOf({ container = blobs.container.containerName, blob }: Said): string {
  return `/blobServices/default/containers/${container}/blobs/${blob}`
}

function gridEvent(said: Said): object {
  const { type: eventType = 'Microsoft.Storage.BlobCreated', account: topic = ACCOUNT } = said
  return { topic, subject: subjectOf(said), eventType, id: '1', data: { api: 'PutBlob' }, dataVersion: '' }
}

function cloudEvent(said: Said): object {
  const { type = 'Microsoft.Storage.BlobCreated', account: source = ACCOUNT } = said
  return { specversion: '1.0', source, subject: subjectOf(said), type, id: '1', data: { api: 'PutBlob' } }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

function read(more: Parameters<BlobReads['read']>[0] = {}): Recorder {
  const notify = { queueUrl: `${queues.url}/${queue.name}` }
  return blobs.read({ kind: 'capture', notify, ...more })
}

/** Lets the source look at its queue until it is as it should be. */
async function look(until: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await until())) {
    blobs.clock.advance(BOUNDS.noticeMs)
    await queue.getProperties()
  }
}

/** Messages in the queue, those that somebody has received included. */
async function left(): Promise<number> {
  return (await queue.getProperties()).approximateMessagesCount ?? 0
}

async function capture(name: string, body: string): Promise<void> {
  const event = { sequence: 1, enqueued: '3/4/2026 10:02:03 AM', body }
  await blobs.upload(name, await captureFile([event]))
}

const NAME = 'ns/hub/0/2026/03/04/10/05/00.avro'

describe.each([
  ['as Event Grid writes it', (said: Said) => base64(JSON.stringify(gridEvent(said)))],
  ['plain', (said: Said) => JSON.stringify(gridEvent(said))],
  ['a list of one', (said: Said) => base64(JSON.stringify([gridEvent(said)]))],
  ['a CloudEvent', (said: Said) => base64(JSON.stringify(cloudEvent(said)))],
  ['a plain CloudEvent', (said: Said) => JSON.stringify(cloudEvent(said))],
])('a message %s', (_, write) => {
  test('has its blob read at once, and is deleted when that is committed and no sooner', async () => {
    const recorder = read()
    await recorder.next('caught-up')
    recorder.hold()
    await capture(NAME, '{"n":1}')
    await queue.sendMessage(write({ blob: NAME }))
    await look(() => recorder.text === '{"n":1}')
    blobs.clock.advance(2 * BOUNDS.noticeMs)
    await queue.getProperties()
    expect(await left()).toBe(1)
    recorder.release()
    await look(async () => (await left()) === 0)
    expect(recorder.text).toBe('{"n":1}')
  })
})

test('a blob that a message has had read is not read again by the poll, which goes on, slower', async () => {
  const recorder = read()
  await recorder.next('caught-up')
  await capture(NAME, '{"n":1}')
  await queue.sendMessage(JSON.stringify(gridEvent({ blob: NAME })))
  await look(() => recorder.text !== '')
  const other = NAME.replace('/05/', '/06/')
  await capture(other, '{"n":2}')
  await blobs.gets()
  await look(async () => (await left()) === 0)
  expect((await blobs.gets()).filter((line) => line.includes('comp=list'))).toEqual([])
  await blobs.poll(recorder, BOUNDS.pollNotifiedMs)
  expect(recorder.text).toBe('{"n":1}{"n":2}')
})

test('a message tells of a resource too: its later hours are polled without a search', async () => {
  const recorder = read({ kind: 'append' })
  await recorder.next('caught-up')
  await blobs.append(nameAt(NOW), '{"n":1}\n')
  await queue.sendMessage(JSON.stringify(gridEvent({ blob: nameAt(NOW) })))
  await look(() => recorder.text !== '')
  await blobs.append(nameAt(NOW), '{"n":2}\n')
  await blobs.poll(recorder)
  expect(recorder.text).toBe('{"n":1}\n{"n":2}\n')
})

test.each([
  ['of a container that is not read', { container: 'others', blob: NAME }, 'notice_of_another'],
  ['of another account', { blob: NAME, account: ACCOUNT.replace('devstore', 'other') }, 'notice_of_another'],
])('a message %s is left where it is, and that is said', async (_, said, happening) => {
  const recorder = read()
  await recorder.next('caught-up')
  await queue.sendMessage(JSON.stringify(gridEvent(said)))
  await look(async () => (await blobs.count(happening)) > 0)
  expect([await left(), recorder.text]).toEqual([1, ''])
})

test.each([
  ['of a blob outside the layout', { blob: 'ns/x.avro' }],
  ['of a blob too old', { blob: NAME.replace('2026', '2025') }],
  ['of a blob outside the prefixes', { blob: NAME.replace('ns/', 'other/') }],
])('a message %s is deleted, and that is said', async (_, said) => {
  const recorder = read({ prefixes: ['ns/'] })
  await recorder.next('caught-up')
  await capture(said.blob, '{"n":1}')
  await queue.sendMessage(JSON.stringify(gridEvent(said)))
  await look(async () => (await left()) === 0)
  expect([await blobs.count('notice_not_wanted'), recorder.text]).toEqual([1, ''])
})

test('a message of a deletion asks for nothing, and is counted', async () => {
  const recorder = read()
  await recorder.next('caught-up')
  await queue.sendMessage(JSON.stringify(gridEvent({ blob: NAME, type: 'Microsoft.Storage.BlobDeleted' })))
  await look(async () => (await left()) === 0)
  expect([await blobs.count('notice_not_wanted'), recorder.text]).toEqual([1, ''])
})

test.each(['no event', '{"subject":"/somewhere","eventType":"x"}', base64('[]'), '{}'])(
  'a message that is none is left and counted: %s',
  async (text) => {
    const recorder = read()
    await recorder.next('caught-up')
    await queue.sendMessage(text)
    await look(async () => (await blobs.count('notice_unreadable')) > 0)
    expect(await left()).toBe(1)
  },
)

test('a message that came too often in vain is left out, and counted', async () => {
  await capture(NAME, '{"n":1}')
  await queue.sendMessage(JSON.stringify(gridEvent({ blob: NAME.replace('/0/', '/9/') })))
  for (let n = 0; n < 2; n++) {
    const [message] = (await queue.receiveMessages({ visibilityTimeout: 1 })).receivedMessageItems
    await queue.updateMessage(message!.messageId, message!.popReceipt, message!.messageText, 0)
  }
  const recorder = read({ bounds: { noticeTriesMax: 2 } })
  await recorder.next('caught-up')
  await look(async () => (await blobs.count('notice_given_up')) > 0)
  expect([await left(), recorder.text]).toEqual([1, '{"n":1}'])
})

test('a queue that cannot be reached holds up no poll', async () => {
  const notify = { queueUrl: `${queues.url}/is-not-there` }
  const recorder = read({ notify })
  await recorder.next('caught-up')
  await look(async () => (await blobs.count('queue_cut_off')) > 0)
  await capture(NAME, '{"n":1}')
  await blobs.poll(recorder, BOUNDS.discoverMs)
  expect(recorder.text).toBe('{"n":1}')
})

test('of blobs only reads are asked for, whatever the source does', async () => {
  await blobs.append(nameAt(NOW), '{"n":1}\n')
  await capture(NAME, '{"n":1}')
  await blobs.upload('x.json', '[{"n":1},\n{"n":2}]')
  const flow = nameAt(NOW, 'flow/')
  const block = Buffer.from('only').toString('base64')
  await blobs.container.getBlockBlobClient(flow).stageBlock(block, '{"records":[]}', 14)
  await blobs.container.getBlockBlobClient(flow).commitBlockList([block])
  await blobs.untilSecondPasses()
  await blobs.requests()
  const kinds = ['append', 'flow', 'capture', 'files', 'storage-analytics'] as const
  for (const kind of kinds) {
    const notify = { queueUrl: `${queues.url}/${queue.name}` }
    const prefixes = kind === 'flow' ? ['flow'] : ['']
    const recorder = blobs.read({ kind, notify, prefixes, bounds: { hoursFirst: 8_000 } })
    await recorder.next('caught-up')
    await blobs.poll(recorder, HOUR)
    await queue.sendMessage(JSON.stringify(gridEvent({ blob: kind === 'files' ? 'x.json' : NAME })))
    await look(async () => (await left()) === 0)
    await recorder.stop()
  }
  const methods = new Set((await blobs.requests()).map((line) => line.split(' ', 1)[0]))
  expect([...methods].sort()).toEqual(['GET', 'HEAD'])
})

test('a string to a queue elsewhere is refused', () => {
  for (const queueUrl of ['https://contoso.queue.core.windows.net/q', 'http://10.0.0.1:10001/a/q'])
    expect(() => read({ notify: { queueUrl } })).toThrow(
      /source blobs: notify.queueUrl does not lead to Azurite/,
    )
})

test('the doctor looks at the queue without taking anything out of it', async () => {
  await queue.sendMessage('x')
  const auth = { kind: 'emulator', connectionString: blobs.azurite.connectionString } as const
  const config = { ...BLOB_BOUNDS, name: 'blobs', auth, containers: [] }
  const there = await checkBlobs(
    { ...config, notify: { queueUrl: `${queues.url}/${queue.name}` } },
    systemClock,
  )
  const gone = await checkBlobs({ ...config, notify: { queueUrl: `${queues.url}/gone` } }, systemClock)
  expect(there[1]).toEqual({
    name: `blobs queue ${queue.name}`,
    ok: true,
    detail: 'can be read; messages wait',
  })
  expect(gone[1]).toMatchObject({ name: 'blobs queue gone', ok: false, detail: /^QueueNotFound/ })
  const [message] = (await queue.receiveMessages()).receivedMessageItems
  expect(message?.dequeueCount).toBe(1)
})

test('a file that a message has had read while the others were being listed is not read again', async () => {
  await blobs.upload('b.json', '{"n":1}\n')
  blobs.clock.advance(Date.now() - blobs.clock.now())
  const recorder = read({ kind: 'files' })
  await recorder.next('caught-up')
  await blobs.upload('c.json', '{"n":2}\n')
  const goOn = recorder.stall('lagging')
  const listed = recorder.next('lagging')
  blobs.clock.advance(BOUNDS.pollNotifiedMs)
  await listed
  await blobs.upload('a.json', '{"n":3}\n')
  await queue.sendMessage(JSON.stringify(gridEvent({ blob: 'a.json' })))
  await look(() => recorder.text.includes('{"n":3}'))
  const polled = recorder.next('caught-up')
  goOn()
  await polled
  await blobs.poll(recorder, BOUNDS.pollNotifiedMs)
  expect(recorder.text.match(/"n":\d/g)?.sort()).toEqual(['"n":1', '"n":2', '"n":3'])
})
