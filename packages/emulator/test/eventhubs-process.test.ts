import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readSettings } from '../src/eventhubs/settings.ts'
import { readyLine, startChild } from '../src/process.ts'
import { atEnd, consumer, folder, ONCE, producer, read, run, SOON, sequences } from './eventhubs-kit.ts'

const script = new URL('../src/eventhubs/main.ts', import.meta.url).pathname

async function child(...more: string[]) {
  const home = folder()
  const started = await startChild({
    name: 'eventhubs',
    script,
    args: ['--data', join(home, 'hubs.db'), '--hub', 'logs:2', ...more],
    logFile: join(home, 'eventhubs.log'),
    ready: readyLine,
  })
  atEnd(() => started.stop())
  return started
}

function reachable(ready: Readonly<Record<string, unknown>>) {
  return { connectionString: String(ready['connectionString']) }
}

test('what was accepted outlives kill -9, and numbers go on', async () => {
  const emulator = await child()
  const sender = producer(reachable(emulator.ready), SOON)
  const accepted: number[] = []
  let last = -1
  const killAt = 150
  const sending = run(4).map(async (lane) => {
    for (let n = lane; ; n += 4) {
      await sender.sendBatch([{ body: Buffer.from(String(n)) }], { partitionId: '0' })
      accepted.push(n)
      last += 1
      if (last === killAt) emulator.kill('SIGKILL')
    }
  })
  await Promise.allSettled(sending)
  expect(accepted.length).toBeGreaterThan(killAt)
  await emulator.restart()
  const again = producer(reachable(emulator.ready))
  const { lastEnqueuedSequenceNumber } = await again.getPartitionProperties('0')
  const stored = await read(consumer(reachable(emulator.ready)), '0').count(lastEnqueuedSequenceNumber + 1)
  expect(sequences(stored)).toEqual(run(lastEnqueuedSequenceNumber + 1))
  const bodies = new Set(stored.map((event) => Number(event.body)))
  expect(accepted.filter((n) => !bodies.has(n))).toEqual([])
  await again.sendBatch([{ body: 'after' }], { partitionId: '0' })
  const next = await read(consumer(reachable(emulator.ready)), '0', {
    sequenceNumber: lastEnqueuedSequenceNumber,
  }).count(1)
  expect(next[0]!.sequenceNumber).toBe(lastEnqueuedSequenceNumber + 1)
  expect(Number(next[0]!.offset)).toBeGreaterThan(Number(stored.at(-1)!.offset))
})

test.for(['SIGTERM', 'SIGINT'] as const)('%s ends it cleanly', async (signal) => {
  const emulator = await child()
  await producer(reachable(emulator.ready), ONCE).getEventHubProperties()
  expect(await emulator.kill(signal)).toEqual({ code: 0, signal: null })
})

test('it answers on the ports that it says', async () => {
  const { ready, pid } = await child()
  expect(ready).toMatchObject({ ready: true, pid, port: expect.any(Number) })
  const state = await fetch(`${ready['control']}/state`)
  expect(await state.json()).toMatchObject({
    hubs: [{ name: 'logs', partitions: [{ last: -1 }, { last: -1 }] }],
  })
})

test('settings come as options or as one JSON object', () => {
  const options = { port: 5671, file: 'a.db', hubs: [{ name: 'x', partitions: 3 }], controlPort: 0 }
  expect(readSettings(['--port', '5671', '--data', 'a.db', '--hub', 'x:3'])).toEqual({
    ...options,
    trustEnqueuedAt: false,
  })
  expect(readSettings([JSON.stringify(options)])).toMatchObject(options)
})

test.for([
  ['no file', ['--hub', 'x:3'], '--data'],
  ['no hub', ['--data', 'a.db'], '--hub'],
  ['a hub without partitions', ['--data', 'a.db', '--hub', 'x'], 'NAME:PARTITIONS'],
  ['a hub of no partitions', ['--data', 'a.db', '--hub', 'x:0'], '--hub'],
  ['a port that is none', ['--data', 'a.db', '--hub', 'x:1', '--port', 'http'], '--port'],
] as const)('settings with %s are refused', ([, args, word]) => {
  expect(() => readSettings(args)).toThrow(word)
})
