import { type EventPosition, earliestEventPosition, latestEventPosition } from '@azure/event-hubs'
import { expect, test } from 'vitest'
import { consumer, emulator, ONCE, producer, read, run, sequences } from './eventhubs-kit.ts'

test('5,000 events over four partitions arrive whole and in order', async () => {
  const hub = await emulator()
  const sender = producer(hub)
  const each = 1250
  for (const partitionId of ['0', '1', '2', '3'])
    for (let at = 0; at < each; at += 250)
      await sender.sendBatch(
        run(250, at).map((n) => ({ body: { partitionId, n } })),
        { partitionId },
      )
  const client = consumer(hub)
  for (const partition of ['0', '1', '2', '3']) {
    const events = await read(client, partition).count(each)
    expect(sequences(events)).toEqual(run(each))
    expect(events.map((event) => JSON.parse(String(event.body)))).toEqual(
      run(each).map((n) => ({ partitionId: partition, n })),
    )
  }
})

test('messages of 250 KB arrive byte for byte, in frames of at most 64 KB', async () => {
  const hub = await emulator()
  const sender = producer(hub)
  const bodies = run(40).map((n) => Buffer.alloc(250_000, String.fromCharCode(65 + (n % 26))))
  await Promise.all(bodies.map((body) => sender.sendBatch([{ body }], { partitionId: '0' })))
  const events = await read(consumer(hub), '0', earliestEventPosition, { maxBatchSize: 5 }).count(40)
  const sorted = events.map((event) => (event.body as Buffer).toString('latin1')).sort()
  expect(sorted).toEqual(bodies.map((body) => body.toString('latin1')).sort())
})

test('what was sent beside the body comes back, and the service adds its own', async () => {
  const hub = await emulator({}, () => Date.UTC(2031, 0, 2, 3, 4, 5))
  await producer(hub).sendBatch(
    [
      {
        body: { a: 'ä' },
        properties: { origin: 'test', tries: 3, ok: true },
        contentType: 'application/json',
        correlationId: 'c-1',
        messageId: 'm-1',
      },
    ],
    { partitionKey: 'tenant-1' },
  )
  const found = hub.operator.state().hubs[0]!.partitions.find((partition) => partition.last === 0)!
  const [event] = await read(consumer(hub), found.id, earliestEventPosition, {
    skipParsingBodyAsJson: false,
  }).count(1)
  expect(event).toMatchObject({
    body: { a: 'ä' },
    properties: { origin: 'test', tries: 3, ok: true },
    contentType: 'application/json',
    correlationId: 'c-1',
    messageId: 'm-1',
    partitionKey: 'tenant-1',
    sequenceNumber: 0,
    offset: '0',
    enqueuedTimeUtc: new Date('2031-01-02T03:04:05Z'),
  })
})

test('a batch goes to the partition it names, by its key, or to each in turn', async () => {
  const hub = await emulator()
  const sender = producer(hub)
  const lasts = () => hub.operator.state().hubs[0]!.partitions.map((partition) => partition.last)
  for (let n = 0; n < 8; n++) await sender.sendBatch([{ body: n }])
  expect(lasts()).toEqual([1, 1, 1, 1])
  await sender.sendBatch([{ body: 'here' }], { partitionId: '2' })
  expect(lasts()).toEqual([1, 1, 2, 1])
  for (let n = 0; n < 5; n++) await sender.sendBatch([{ body: n }], { partitionKey: 'same' })
  expect(
    lasts()
      .map((last, index) => last - [1, 1, 2, 1][index]!)
      .sort(),
  ).toEqual([0, 0, 0, 5])
})

test('a batch is full at 1 MB, and a message beyond it is refused', async () => {
  const hub = await emulator()
  const sender = producer(hub, ONCE)
  const batch = await sender.createBatch({ partitionId: '0' })
  expect(batch.maxSizeInBytes).toBe(1_048_576)
  const body = Buffer.alloc(300_000)
  while (batch.tryAdd({ body }));
  expect(batch.count).toBe(3)
  await sender.sendBatch(batch)
  await expect(
    sender.sendBatch([{ body: Buffer.alloc(1_100_000) }], { partitionId: '0' }),
  ).rejects.toMatchObject({ code: 'MessageTooLargeError' })
  expect(hub.operator.state().hubs[0]!.partitions[0]!.last).toBe(2)
})

test('properties of hub and partition follow what is sent', async () => {
  let clock = Date.UTC(2031, 5, 1)
  const hub = await emulator({ hubs: [{ name: 'logs', partitions: 2 }] }, () => clock)
  const sender = producer(hub)
  expect(await sender.getEventHubProperties()).toMatchObject({
    name: 'logs',
    partitionIds: ['0', '1'],
    createdOn: new Date(clock),
  })
  expect(await sender.getPartitionProperties('1')).toMatchObject({
    isEmpty: true,
    beginningSequenceNumber: 0,
    lastEnqueuedSequenceNumber: -1,
    lastEnqueuedOffset: '-1',
  })
  clock += 60_000
  await sender.sendBatch([{ body: 'one' }, { body: 'two' }], { partitionId: '1' })
  const [, second] = await read(consumer(hub), '1').count(2)
  expect(await sender.getPartitionProperties('1')).toEqual({
    eventHubName: 'logs',
    partitionId: '1',
    isEmpty: false,
    beginningSequenceNumber: 0,
    lastEnqueuedSequenceNumber: 1,
    lastEnqueuedOffset: second!.offset,
    lastEnqueuedOnUtc: new Date(clock),
  })
  await expect(sender.getPartitionProperties('7')).rejects.toMatchObject({
    code: 'ArgumentOutOfRangeError',
  })
})

test('a reader learns how far the partition is, when it asks', async () => {
  const hub = await emulator()
  await producer(hub).sendBatch(
    run(10).map((n) => ({ body: n })),
    { partitionId: '0' },
  )
  const seen = Promise.withResolvers<number | undefined>()
  const subscription = consumer(hub).subscribe(
    '0',
    {
      async processEvents(events, context) {
        if (events.length > 0) seen.resolve(context.lastEnqueuedEventProperties?.sequenceNumber)
      },
      async processError(error) {
        seen.reject(error)
      },
    },
    { startPosition: earliestEventPosition, trackLastEnqueuedEventProperties: true },
  )
  expect(await seen.promise).toBe(9)
  await subscription.close()
})

test('a reader starts where it asks', async () => {
  let clock = 1_000_000
  const hub = await emulator({}, () => clock)
  const sender = producer(hub)
  for (let n = 0; n < 10; n++) {
    await sender.sendBatch([{ body: n }], { partitionId: '0' })
    clock += 1000
  }
  const client = consumer(hub)
  const offset = (await read(client, '0').count(10))[4]!.offset
  const rows: [string, EventPosition, number][] = [
    ['earliest', earliestEventPosition, 0],
    ['after a sequence number', { sequenceNumber: 4 }, 5],
    ['at a sequence number', { sequenceNumber: 4, isInclusive: true }, 4],
    ['after an offset', { offset }, 5],
    ['at an offset', { offset, isInclusive: true }, 4],
    ['after a time', { enqueuedOn: 1_004_000 }, 5],
    ['between two times', { enqueuedOn: 1_004_500 }, 5],
    ['before the first time', { enqueuedOn: 0 }, 0],
    ['after the last but one', { sequenceNumber: 8 }, 9],
  ]
  await Promise.all(
    rows.map(async ([name, position, first], index) => {
      const events = await read(consumer(hub, `group-${index}`), '0', position).count(10 - first)
      expect(sequences(events), name).toEqual(run(10 - first, first))
    }),
  )
})

test('a reader of the latest sees only what comes after it', async () => {
  const hub = await emulator()
  const sender = producer(hub)
  await sender.sendBatch([{ body: 'before' }], { partitionId: '0' })
  const reading = read(consumer(hub), '0', latestEventPosition)
  await expect.poll(() => hub.operator.state().receivers.length).toBe(1)
  await sender.sendBatch([{ body: 'after' }], { partitionId: '0' })
  expect(sequences(await reading.count(1))).toEqual([1])
})

test('a position beyond the end of the partition is an error, not silence', async () => {
  const hub = await emulator()
  await producer(hub).sendBatch([{ body: 1 }], { partitionId: '0' })
  const client = consumer(hub, '$Default', ONCE)
  expect(await read(client, '0', { sequenceNumber: 5 }).error()).toBe('ArgumentError')
})

test('consumer groups read independently, and a slow one does not hold the others', async () => {
  const hub = await emulator()
  await producer(hub).sendBatch(
    run(2600).map((n) => ({ body: n })),
    { partitionId: '0' },
  )
  const stuck = Promise.withResolvers<void>()
  const held = consumer(hub, 'slow').subscribe(
    '0',
    { processEvents: () => stuck.promise, async processError() {} },
    { startPosition: earliestEventPosition, maxBatchSize: 1 },
  )
  const [first, second] = await Promise.all([
    read(consumer(hub, 'one'), '0').count(2600),
    read(consumer(hub, 'two'), '0', { sequenceNumber: 99 }).count(2500),
  ])
  expect(sequences(first)).toEqual(run(2600))
  expect(sequences(second)).toEqual(run(2500, 100))
  stuck.resolve()
  await held.close()
})

test('retention moves the beginning, and readers go on from the earliest that is left', async () => {
  const hub = await emulator()
  const sender = producer(hub)
  await sender.sendBatch(
    run(100).map((n) => ({ body: n })),
    { partitionId: '0' },
  )
  expect(hub.operator.retain('logs', '0', 60)).toBe(60)
  expect(sequences(await read(consumer(hub), '0', { sequenceNumber: 9 }).count(40))).toEqual(run(40, 60))
  expect(await sender.getPartitionProperties('0')).toMatchObject({ beginningSequenceNumber: 60 })
  expect(hub.operator.empty('logs')).toBe(true)
  expect(await sender.getPartitionProperties('0')).toMatchObject({
    isEmpty: true,
    lastEnqueuedSequenceNumber: 99,
  })
  const reading = read(consumer(hub, 'later'), '0')
  await sender.sendBatch([{ body: 'next' }], { partitionId: '0' })
  expect(sequences(await reading.count(1))).toEqual([100])
})

test('the sender gives the enqueued time only where it is trusted', async () => {
  const given = Date.UTC(2030, 0, 1)
  const clock = Date.UTC(2031, 0, 1)
  for (const [trustEnqueuedAt, expected] of [
    [true, given],
    [false, clock],
  ] as const) {
    const hub = await emulator({ trustEnqueuedAt }, () => clock)
    await producer(hub).sendBatch([{ body: 1, properties: { 'weir-enqueued-at': given } }], {
      partitionId: '0',
    })
    const [event] = await read(consumer(hub), '0').count(1)
    expect(event!.enqueuedTimeUtc.getTime()).toBe(expected)
  }
})

test('what is not there is refused', async () => {
  const hub = await emulator()
  const sender = producer(hub, ONCE)
  await expect(sender.sendBatch([{ body: 1 }], { partitionId: '9' })).rejects.toMatchObject({
    code: 'ArgumentOutOfRangeError',
  })
  expect(await read(consumer(hub, '$Default', ONCE), '9').error()).toBe('ArgumentOutOfRangeError')
})
