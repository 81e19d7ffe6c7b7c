import { blobSource } from '@weir/ingest'
import { createReport } from '@weir/runtime'
import { expect, test } from 'vitest'
import { startAzurite } from './azurite.ts'
import { BlobReads, BOUNDS, HOUR, NOW, nameAt, RESOURCE } from './blob-reads.ts'
import { VirtualClock } from './virtual-clock.ts'

const blobs = new BlobReads()

test('lines that are appended come once each, in order, with their place and the time of the service', async () => {
  const name = nameAt(NOW)
  await blobs.append(name, '{"n":1}\n{"n":2}\n')
  const recorder = blobs.read()
  await recorder.next('caught-up')
  await blobs.append(name, '{"n":3}\n')
  await blobs.poll(recorder)
  await blobs.poll(recorder)
  expect(recorder.text).toBe('{"n":1}\n{"n":2}\n{"n":3}\n')
  expect(recorder.messages.map(({ at }) => at)).toEqual([`${name}@0`, `${name}@16`])
  const changed = (await blobs.container.getBlobClient(name).getProperties()).lastModified?.getTime()
  expect(recorder.messages.at(-1)?.arrival).toBe(changed)
  expect(recorder.partitions[0]?.partitions).toEqual([blobs.container.containerName])
})

test('hours and resources are read side by side, so no batch may move the clock past those that are behind', async () => {
  const other = RESOURCE.replace('V1', 'V2')
  for (const [hours, resource] of [
    [0, RESOURCE],
    [5, other],
    [3, other],
  ] as const)
    await blobs.append(nameAt(NOW - hours * HOUR, resource), `{"n":${hours}}\n`)
  const recorder = blobs.read({ bounds: { hoursFirst: 6 } })
  await recorder.next('caught-up')
  const batches = recorder.batches.filter(({ messages }) => messages.length > 0)
  expect(batches.map(({ unordered }) => unordered)).toEqual([true, true, true])
})

test('a half line waits until it is whole', async () => {
  const name = nameAt(NOW)
  await blobs.append(name, '{"n":1}\n{"n"')
  const recorder = blobs.read()
  await recorder.next('caught-up')
  expect(recorder.text).toBe('{"n":1}\n')
  await blobs.poll(recorder)
  expect(recorder.text).toBe('{"n":1}\n')
  await blobs.append(name, ':2}\n')
  await blobs.poll(recorder)
  expect(recorder.text).toBe('{"n":1}\n{"n":2}\n')
})

test('a half line of an hour long past is delivered as it is, once', async () => {
  await blobs.append(nameAt(NOW), '{"n":1}\n{"n":2}')
  const recorder = blobs.read()
  await recorder.next('caught-up')
  await blobs.poll(recorder, 2 * HOUR)
  expect(recorder.text).toBe('{"n":1}\n')
  await blobs.poll(recorder, HOUR)
  await blobs.poll(recorder, HOUR)
  expect(recorder.text).toBe('{"n":1}\n{"n":2}')
})

test('a blob made anew under its name is read from its beginning, shorter or longer than before', async () => {
  const name = nameAt(NOW)
  await blobs.append(name, '{"old":1}\n{"old":2}\n')
  const recorder = blobs.read()
  await recorder.next('caught-up')
  await blobs.container.deleteBlob(name)
  await blobs.untilSecondPasses()
  await blobs.append(name, '{"a":1}\n')
  await blobs.poll(recorder)
  await blobs.container.deleteBlob(name)
  await blobs.untilSecondPasses()
  await blobs.append(name, '{"b":1}\n{"b":2}\n{"b":3}\n')
  await blobs.poll(recorder)
  expect(recorder.text).toBe('{"old":1}\n{"old":2}\n{"a":1}\n{"b":1}\n{"b":2}\n{"b":3}\n')
})

test('after a restart reading goes on at the committed cursors', async () => {
  const name = nameAt(NOW)
  await blobs.append(name, '{"n":1}\n')
  const first = blobs.read()
  await first.next('caught-up')
  await first.stop()
  await blobs.append(name, '{"n":2}\n')
  const second = blobs.read({ cursors: first.cursors })
  await second.next('caught-up')
  expect(second.text).toBe('{"n":2}\n')
})

test('what was delivered but not committed is delivered again', async () => {
  await blobs.append(nameAt(NOW), '{"n":1}\n')
  const first = blobs.read()
  first.hold()
  await first.next('caught-up')
  await first.stop()
  const second = blobs.read({ cursors: first.cursors })
  await second.next('caught-up')
  expect(second.text).toBe('{"n":1}\n')
})

test('the hour rolls over: the new blob is found by its name, and the old one still grows', async () => {
  await blobs.append(nameAt(NOW), '{"n":1}\n')
  const recorder = blobs.read()
  await recorder.next('caught-up')
  await blobs.append(nameAt(NOW + HOUR), '{"n":2}\n')
  await blobs.append(nameAt(NOW), '{"n":3}\n')
  await blobs.poll(recorder, HOUR)
  expect([...recorder.text.matchAll(/\d/g)].map(String).sort()).toEqual(['1', '2', '3'])
})

test('the first run begins a few hours back and never reads what was before; later runs look back further', async () => {
  await blobs.append(nameAt(NOW - 5 * HOUR), '{"n":"too old"}\n')
  await blobs.append(nameAt(NOW - 2 * HOUR), '{"n":1}\n')
  const first = blobs.read()
  await first.next('caught-up')
  await first.stop()
  blobs.clock.advance(10 * HOUR)
  await blobs.append(nameAt(NOW - 1 * HOUR), '{"n":2}\n')
  const second = blobs.read({ cursors: first.cursors })
  await second.next('caught-up')
  expect([first.text, second.text]).toEqual(['{"n":1}\n', '{"n":2}\n'])
})

test('an hour long past that grows late is found by the recheck', async () => {
  const name = nameAt(NOW)
  await blobs.append(name, '{"n":1}\n')
  const recorder = blobs.read()
  await recorder.next('caught-up')
  await blobs.poll(recorder, 30 * HOUR)
  await blobs.append(name, '{"n":2}\n')
  await blobs.poll(recorder, BOUNDS.recheckMs)
  expect(recorder.text).toBe('{"n":1}\n{"n":2}\n')
})

test('cursors of blobs that can grow no more are deleted', async () => {
  await blobs.append(nameAt(NOW), '{"n":1}\n')
  const recorder = blobs.read()
  await recorder.next('caught-up')
  const key = `${blobs.container.containerName}/${nameAt(NOW)}`
  expect(recorder.cursors.has(key)).toBe(true)
  await blobs.poll(recorder, 50 * HOUR)
  expect(recorder.cursors.has(key)).toBe(false)
  expect(recorder.text).toBe('{"n":1}\n')
})

test('10 001 lines, appended while they are read in small requests, come exactly once', async () => {
  const name = nameAt(NOW)
  const lines = Array.from({ length: 10_001 }, (_, n) => `{"n":${n},"pad":"${'x'.repeat(n % 97)}"}\n`)
  const text = lines.join('')
  await blobs.append(name, text.slice(0, 33_333))
  const recorder = blobs.read({ bounds: { chunkBytes: 10_000 } })
  await recorder.next('caught-up')
  for (let at = 33_333; at < text.length; at += 33_333) {
    await blobs.append(name, text.slice(at, at + 33_333))
    await blobs.poll(recorder)
  }
  expect(recorder.text).toBe(text)
})

test('a line larger than one request is read whole', async () => {
  const line = `{"pad":"${'y'.repeat(50_000)}"}\n`
  await blobs.append(nameAt(NOW), `{"n":1}\n${line}{"n":2}\n`)
  const recorder = blobs.read({ bounds: { chunkBytes: 1_000 } })
  await recorder.next('caught-up')
  expect(recorder.text).toBe(`{"n":1}\n${line}{"n":2}\n`)
  for (const { bytes } of recorder.messages) expect(bytes.at(-1)).toBe(0x0a)
})

test('while nothing is committed no more is read than the bound allows', async () => {
  const line = `${'z'.repeat(999)}\n`
  await blobs.append(nameAt(NOW), line.repeat(100))
  const recorder = blobs.read({ bounds: { chunkBytes: 10_000, bytesInFlightMax: 30_000 } })
  recorder.hold()
  blobs.azurite.takeRequests()
  await recorder.until(({ batches }) => batches.flatMap((each) => each.messages).length >= 3)
  await blobs.container.getProperties()
  expect(recorder.text.length).toBe(30_000)
  expect(
    blobs.azurite.takeRequests().filter((line) => /^GET .*PT1H.json/.test(line)).length,
  ).toBeLessThanOrEqual(3)
  recorder.release()
  await recorder.until(({ text }) => text.length === 100_000)
})

const HEADER = '{"records":['
const FOOTER = ']}'

async function writeFlow(name: string, blocks: readonly string[]): Promise<void> {
  const blob = blobs.container.getBlockBlobClient(name)
  const all = [HEADER, ...blocks.map((block, n) => (n === 0 ? block : `,${block}`)), FOOTER]
  const ids = all.map((_, n) => (n === all.length - 1 ? 'footer' : `block${n}`)).map(idOf)
  for (const [n, text] of all.entries()) await blob.stageBlock(ids[n]!, text, text.length)
  await blob.commitBlockList(ids)
}

function idOf(name: string): string {
  return Buffer.from(name.padEnd(12)).toString('base64')
}

const FLOW = 'flowLogResourceID=/S1_NETWORKWATCHERRG/NETWORKWATCHER_WEST_FL/'

function flowName(time: number): string {
  return nameAt(time, FLOW).replace('PT1H.json', 'macAddress=00224871C205/PT1H.json')
}

test('flow logs: blocks put in before the footer come once each', async () => {
  const name = flowName(NOW)
  await writeFlow(name, ['{"a":1}', '{"a":2}'])
  const recorder = blobs.read({ kind: 'flow' })
  await recorder.next('caught-up')
  expect(recorder.text).toBe('{"a":1},{"a":2}')
  await blobs.poll(recorder)
  await writeFlow(name, ['{"a":1}', '{"a":2}', '{"a":3}'])
  await blobs.poll(recorder)
  expect(recorder.text).toBe('{"a":1},{"a":2},{"a":3}')
  expect(recorder.messages.at(-1)?.at).toBe(`${name}@27`)
})

test('flow logs: rewritten blocks are read anew, a restart reads only what is new', async () => {
  const name = flowName(NOW)
  await writeFlow(name, ['{"a":1}', '{"a":2}'])
  const first = blobs.read({ kind: 'flow' })
  await first.next('caught-up')
  await first.stop()
  await writeFlow(name, ['{"a":1}', '{"a":2}', '{"a":3}'])
  const second = blobs.read({ kind: 'flow', cursors: first.cursors })
  await second.next('caught-up')
  await writeFlow(name, ['{"b":100}', '{"b":200}'])
  await blobs.poll(second)
  expect(second.text).toBe(',{"a":3}{"b":100},{"b":200}')
})

test('flow logs: blocks are read piecewise, each piece whole blocks', async () => {
  const blocks = Array.from({ length: 40 }, (_, n) => `{"n":${n},"pad":"${'f'.repeat(200)}"}`)
  await writeFlow(flowName(NOW), blocks)
  const recorder = blobs.read({ kind: 'flow', bounds: { chunkBytes: 1_000 } })
  await recorder.next('caught-up')
  expect(recorder.text).toBe(blocks.join(','))
  expect(recorder.messages.length).toBeGreaterThan(5)
  for (const { bytes } of recorder.messages) {
    const text = Buffer.from(bytes).toString()
    expect(() => JSON.parse(`[${text.replace(/^,/, '')}]`)).not.toThrow()
  }
})

test('the form before lines, one document in a block blob, is told by its content', async () => {
  const text = '{"records":[{"n":1},\n{"n":2}]}'
  await blobs.container.getBlockBlobClient(nameAt(NOW)).upload(text, text.length)
  const recorder = blobs.read()
  await recorder.next('caught-up')
  await blobs.poll(recorder)
  expect(recorder.text).toBe(text)
})

test('2 000 blobs are never listed flat: the requests follow from resources and hours', async () => {
  const resources = Array.from({ length: 20 }, (_, n) => RESOURCE.replace('V1', `V${n}`))
  const names = resources.flatMap((resource) =>
    Array.from({ length: 100 }, (_, hour) => nameAt(NOW - hour * HOUR, resource)),
  )
  for (let at = 0; at < names.length; at += 100)
    await Promise.all(names.slice(at, at + 100).map((name) => blobs.append(name, '{"n":1}\n')))
  blobs.azurite.takeRequests()
  const recorder = blobs.read()
  await recorder.next('caught-up')
  const first = await blobs.gets()
  // Three hours of each resource; nothing before.
  expect(recorder.messages.length).toBe(20 * 3)
  const flat = first.filter((line) => line.includes('comp=list') && !line.includes('delimiter='))
  expect(flat.every((line) => /prefix=[^ ]*\/d=\d\d\/(&| )/.test(line))).toBe(true)
  // Folders: nine from the container down to VAULTS and one for each resource; then a day and three blobs for each.
  expect(first.length).toBeLessThanOrEqual(9 + 20 + 20 + 60)
  await blobs.poll(recorder)
  // The second poll: two reads for each resource.
  expect((await blobs.gets()).length).toBeLessThanOrEqual(40)
})

test.each(['append', 'flow', 'capture'] as const)(
  '%s: a poll asks as often for ten hours of each resource as for eighty',
  async (kind) => {
    const nameOf = (hour: number, n: number): string => {
      const name = nameAt(NOW - hour * HOUR, `ns/hub/${n}/`)
      return kind === 'capture' ? name.replace(/[ymdh]=/g, '').replace('m=00/PT1H.json', '00/00.avro') : name
    }
    const upload = async (from: number, to: number): Promise<void> => {
      for (let hour = from; hour < to; hour++)
        await Promise.all([0, 1, 2].map((n) => blobs.upload(nameOf(hour, n), '{"records":[]}')))
    }
    const asked = async (): Promise<number> => {
      await blobs.requests()
      const recorder = blobs.read({ kind })
      await recorder.next('caught-up')
      await blobs.poll(recorder)
      await blobs.poll(recorder, BOUNDS.recheckMs)
      await recorder.stop()
      blobs.clock = new VirtualClock(NOW)
      return (await blobs.requests()).length
    }
    await upload(0, 10)
    const few = await asked()
    await upload(10, 80)
    expect(few).toBeGreaterThan(9)
    expect(await asked()).toBe(few)
  },
)

test('a resource that appears later is found, and read from its first hour on', async () => {
  const recorder = blobs.read()
  await recorder.next('caught-up')
  await blobs.append(nameAt(NOW), '{"n":1}\n')
  await blobs.poll(recorder)
  expect(recorder.text).toBe('')
  await blobs.poll(recorder, BOUNDS.discoverMs)
  expect(recorder.text).toBe('{"n":1}\n')
})

test('only resources below the configured prefixes are read', async () => {
  await blobs.append(nameAt(NOW), '{"n":1}\n')
  await blobs.append(nameAt(NOW, RESOURCE.replace('S1', 'S2')), '{"n":2}\n')
  const recorder = blobs.read({ prefixes: ['resourceId=/SUBSCRIPTIONS/S2/'] })
  await recorder.next('caught-up')
  expect(recorder.text).toBe('{"n":2}\n')
})

test('a container that is not there yet is as good as empty, says so, and is read once it is there', async () => {
  const name = blobs.container.containerName
  await blobs.container.delete()
  const recorder = blobs.read()
  const state = await recorder.next('caught-up')
  expect(state.reason).toContain('appears once a diagnostic setting has written to it')
  blobs.container = blobs.azurite.service.getContainerClient(name)
  await blobs.container.create()
  await blobs.append(nameAt(NOW), '{"n":1}\n')
  await blobs.poll(recorder)
  expect(recorder.text).toBe('{"n":1}\n')
  expect(recorder.states.at(-1)?.reason).toBeUndefined()
})

test('a storage service that does not answer is cut off, and not caught up', async () => {
  const own = await startAzurite()
  const shared = blobs.azurite
  blobs.azurite = own
  try {
    const recorder = blobs.read()
    await recorder.next('caught-up')
    await own.kill()
    const cut = recorder.next('cut-off')
    blobs.clock.advance(BOUNDS.pollMs)
    expect((await cut).reason).toContain('ECONNREFUSED')
    expect(recorder.states.at(-1)?.state).toBe('cut-off')
  } finally {
    blobs.azurite = shared
  }
})

test.each([
  'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=a2V5;EndpointSuffix=core.windows.net',
  'DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;BlobEndpoint=http://10.0.0.1:10000/a;',
  'UseDevelopmentStorage=true;DevelopmentStorageProxyUri=http://myproxy',
])(
  'a connection string to anything but Azurite on this machine is refused with a remedy: %s',
  (connectionString) => {
    const auth = { kind: 'emulator', connectionString } as const
    const config = { ...BOUNDS, name: 'blobs', auth, containers: [] }
    const deps = { clock: blobs.clock, report: createReport('silent'), random: () => 0 }
    expect(() => blobSource(config, deps)).toThrow(
      /source blobs: .* Azurite on this machine.*managed-identity/,
    )
  },
)

test('what grew under an ETag that the cursor already has is read all the same', async () => {
  const name = nameAt(NOW)
  await blobs.append(name, '{"n":1}\n')
  const first = blobs.read()
  await first.next('caught-up')
  await first.stop()
  await blobs.append(name, '{"n":2}\n')
  // As an answer would leave it that was under way while the second line came.
  const { etag } = await blobs.container.getBlobClient(name).getProperties()
  const key = `${blobs.container.containerName}/${name}`
  const cursor = { ...JSON.parse(first.cursors.get(key)!), etag }
  const second = blobs.read({ cursors: new Map([...first.cursors, [key, JSON.stringify(cursor)]]) })
  await second.next('caught-up')
  expect(second.text).toBe('{"n":2}\n')
})

test('what was begun by a clock that was a year ahead is begun again', async () => {
  await blobs.append(nameAt(NOW), '{"n":1}\n')
  const ahead = String(NOW + 365 * 24 * HOUR)
  const recorder = blobs.read({ cursors: new Map([[`${blobs.container.containerName}/#since`, ahead]]) })
  await recorder.next('caught-up')
  expect(recorder.text).toBe('{"n":1}\n')
})
