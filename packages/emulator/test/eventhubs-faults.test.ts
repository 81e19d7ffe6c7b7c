import { expect, test } from 'vitest'
import type { FaultRule } from '../src/eventhubs/index.ts'
import { consumer, emulator, ONCE, post, producer, read, run, SOON, sequences } from './eventhubs-kit.ts'

const BUSY = 'com.microsoft:server-busy'

async function filled(count: number) {
  const hub = await emulator()
  await producer(hub).sendBatch(
    run(count).map((n) => ({ body: n })),
    { partitionId: '0' },
  )
  return hub
}

function rule(
  point: FaultRule['point'],
  action: FaultRule['action'],
  rest: Partial<FaultRule> = {},
): FaultRule {
  return { point, action, match: {}, times: 1, after: 0, ...rest }
}

test.for<[string, FaultRule, string]>([
  [
    'a refused token',
    rule('put-token', { kind: 'refuse', condition: 'amqp:unauthorized-access' }),
    'UnauthorizedError',
  ],
  ['a busy service', rule('management', { kind: 'refuse', condition: BUSY }), 'ServerBusyError'],
  [
    'a hub not found',
    rule('management', { kind: 'refuse', condition: 'amqp:not-found' }),
    'ServiceCommunicationError',
  ],
  [
    'a link refused',
    rule('attach', { kind: 'refuse', condition: 'amqp:resource-limit-exceeded' }),
    'QuotaExceededError',
  ],
])('a request meets %s', async ([, fault, code]) => {
  const hub = await emulator()
  hub.operator.addFault(fault)
  await expect(producer(hub, ONCE).getPartitionProperties('0')).rejects.toMatchObject({ code })
  expect(hub.operator.state().faults).toEqual([])
})

test.for<[string, FaultRule]>([
  ['a refused token', rule('put-token', { kind: 'refuse', condition: 'amqp:unauthorized-access' })],
  ['a busy service', rule('management', { kind: 'refuse', condition: BUSY })],
  [
    'a connection closed at once',
    rule('connection', { kind: 'refuse', condition: 'amqp:connection:forced' }),
  ],
  ['a connection reset', rule('connection', { kind: 'drop' })],
  ['a slow connection', rule('connection', { kind: 'stall', ms: 50 })],
  ['a slow token', rule('put-token', { kind: 'stall', ms: 50 })],
  ['a slow attach', rule('attach', { kind: 'stall', ms: 50 })],
  ['a slow answer', rule('management', { kind: 'stall', ms: 50 })],
])('the SDK gets over %s', async ([, fault]) => {
  const hub = await emulator()
  hub.operator.addFault(fault)
  expect(await producer(hub).getPartitionProperties('0')).toMatchObject({ isEmpty: true })
  expect(hub.operator.state().faults).toEqual([])
})

test.for<FaultRule['point']>(['put-token', 'attach', 'management'])(
  'an answer that never comes at %s leaves the client waiting until it gives up',
  async (point) => {
    const hub = await emulator()
    hub.operator.addFault(rule(point, { kind: 'never-reply' }))
    const aborted = new AbortController()
    const asked = producer(hub, ONCE).getPartitionProperties('0', { abortSignal: aborted.signal })
    await expect.poll(() => hub.operator.state().faults).toEqual([])
    aborted.abort()
    await expect(asked).rejects.toMatchObject({ name: 'AbortError' })
  },
)

test.for<[string, FaultRule, number]>([
  ['is rejected once', rule('send', { kind: 'refuse', condition: BUSY }), 0],
  ['loses its link', rule('send', { kind: 'detach', condition: 'amqp:link:detach-forced' }), 0],
  ['is stored and its answer lost with the connection', rule('send', { kind: 'drop' }), 1],
  ['is stored and never answered', rule('send', { kind: 'never-reply' }), 1],
  ['is answered late', rule('send', { kind: 'stall', ms: 50 }), 0],
])('a send that %s is there in the end', async ([, fault, last]) => {
  const hub = await emulator()
  hub.operator.addFault(fault)
  await producer(hub, SOON).sendBatch([{ body: 1 }], { partitionId: '0' })
  expect(hub.operator.state().hubs[0]!.partitions[0]!.last).toBe(last)
})

test('a send that is refused and not tried again is not there', async () => {
  const hub = await emulator()
  hub.operator.addFault(rule('send', { kind: 'refuse', condition: BUSY }))
  const sent = producer(hub, ONCE).sendBatch([{ body: 1 }], { partitionId: '0' })
  await expect(sent).rejects.toMatchObject({ code: 'ServerBusyError' })
  expect(hub.operator.state().hubs[0]!.partitions[0]!.last).toBe(-1)
})

test.for<[string, FaultRule]>([
  ['a detach with an error', rule('deliver', { kind: 'detach', condition: BUSY }, { after: 1500 })],
  ['a detach without a word', rule('deliver', { kind: 'detach', condition: undefined }, { after: 1500 })],
  ['a reset', rule('deliver', { kind: 'drop' }, { after: 1500 })],
  ['a stall', rule('deliver', { kind: 'stall', ms: 50 }, { after: 1500 })],
])('a reader goes on after %s, with nothing lost and nothing twice', async ([, fault]) => {
  const hub = await filled(2500)
  hub.operator.addFault(fault)
  const events = await read(consumer(hub), '0').count(2500)
  expect(sequences(events)).toEqual(run(2500))
  expect(hub.operator.state().faults).toEqual([])
})

test('a message may come twice', async () => {
  const hub = await filled(4)
  hub.operator.addFault(rule('deliver', { kind: 'duplicate' }, { after: 1, times: 2 }))
  expect(sequences(await read(consumer(hub), '0').count(6))).toEqual([0, 1, 1, 2, 2, 3])
})

test('a fault strikes only where it was asked for', async () => {
  const hub = await filled(3)
  hub.operator.addFault(
    rule('deliver', { kind: 'never-reply' }, { match: { group: 'struck', partition: '0' } }),
  )
  const struck = read(consumer(hub, 'struck'), '0')
  await read(consumer(hub, 'spared'), '0').count(3)
  await expect.poll(() => hub.operator.state().faults).toEqual([])
  expect(struck.events).toEqual([])
})

test('the operator detaches readers and drops connections, and they come back', async () => {
  const hub = await filled(10)
  const sender = producer(hub)
  const reading = read(consumer(hub), '0')
  await reading.count(10)
  const detached = await post(hub, '/detach', { hub: 'logs', partition: '0', condition: BUSY })
  expect(detached).toEqual({ status: 200, body: { detached: 1 } })
  await sender.sendBatch([{ body: 'after the detach' }], { partitionId: '0' })
  await reading.count(11)
  const dropped = await post(hub, '/drop-connections', {})
  expect(dropped).toEqual({ status: 200, body: { dropped: 3 } })
  await sender.sendBatch([{ body: 'after the drop' }], { partitionId: '0' })
  expect(sequences(await reading.count(12))).toEqual(run(12))
})

test('the control interface adds, shows and clears faults, and moves retention', async () => {
  const hub = await filled(10)
  const added = await post(hub, '/faults', {
    point: 'deliver',
    action: 'stall',
    ms: 20,
    times: 3,
    match: { partition: 0 },
  })
  expect(added.status).toBe(200)
  const state = async () => (await fetch(`${hub.control}/state`)).json()
  expect(await state()).toMatchObject({
    faults: [{ point: 'deliver', times: 3, match: { partition: '0' }, action: { kind: 'stall', ms: 20 } }],
    hubs: [{ name: 'logs', partitions: [{ id: '0', begin: 0, last: 9 }, {}, {}, {}] }],
  })
  expect((await post(hub, '/faults', undefined, 'DELETE')).status).toBe(200)
  expect((await post(hub, '/retain', { hub: 'logs', partition: '0', from: 4 })).body).toEqual({ begin: 4 })
  expect(await state()).toMatchObject({
    faults: [],
    hubs: [{ partitions: [{ begin: 4, last: 9 }, {}, {}, {}] }],
  })
  expect((await post(hub, '/empty', { hub: 'logs' })).status).toBe(200)
  expect(await state()).toMatchObject({ hubs: [{ partitions: [{ begin: 10, last: 9 }, {}, {}, {}] }] })
})

test.for<[string, string, unknown, string]>([
  ['an unknown point', '/faults', { point: 'nowhere', action: 'drop' }, 'point'],
  ['an action that makes no sense there', '/faults', { point: 'connection', action: 'duplicate' }, 'action'],
  ['a refusal without a condition', '/faults', { point: 'send', action: 'refuse' }, 'condition'],
  ['a stall without a length', '/faults', { point: 'send', action: 'stall' }, 'ms'],
  ['a stall beyond its bound', '/faults', { point: 'send', action: 'stall', ms: 1e9 }, 'ms'],
  ['half a strike', '/faults', { point: 'send', action: 'drop', times: 0.5 }, 'times'],
  ['a partition that is not there', '/retain', { hub: 'logs', partition: '9', from: 1 }, 'partition 9'],
  ['a hub that is not there', '/empty', { hub: 'other' }, 'other'],
  ['no object', '/faults', [], 'object'],
])('the control interface refuses %s', async ([, path, body, word]) => {
  const answer = await post(await emulator(), path, body)
  expect(answer.status).toBe(400)
  expect(answer.body['error']).toContain(word)
})
