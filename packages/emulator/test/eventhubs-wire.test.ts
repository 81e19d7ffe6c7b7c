import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import rhea, { type Connection, type EventContext, type Message, type Receiver, type Sender } from 'rhea'
import { expect, test } from 'vitest'
import { BATCH_FORMAT, readBatch, readEvent } from '../src/eventhubs/batch.ts'
import type { EventHubsEmulator } from '../src/eventhubs/index.ts'
import { atEnd, consumer, emulator, producer, read, run } from './eventhubs-kit.ts'

// What the SDK never does, done with the AMQP library beneath it.

/** A connection of our own, with nothing put on it. */
async function connect(hub: EventHubsEmulator): Promise<Connection> {
  const container = rhea.create_container()
  const connection = container.connect({
    host: '127.0.0.1',
    port: hub.port,
    username: 'weir',
    reconnect: false,
  })
  for (const quiet of ['disconnected', 'connection_close', 'sender_close', 'receiver_close'])
    connection.on(quiet, () => {})
  atEnd(async () => connection.close())
  await once(connection, 'connection_open')
  return connection
}

async function putToken(connection: Connection, audience: string, type = 'jwt'): Promise<Message> {
  const replies = connection.open_receiver({ name: 'replies', source: { address: '$cbs' } })
  const requests = connection.open_sender({ target: { address: '$cbs' } })
  await Promise.all([once(replies, 'receiver_open'), once(requests, 'sendable')])
  const answered = once(replies, 'message')
  requests.send({
    message_id: 1,
    reply_to: 'replies',
    application_properties: { operation: 'put-token', type, name: audience },
    body: 'any token',
  } as unknown as Message)
  const [{ message }] = (await answered) as [EventContext]
  return message!
}

function status(message: Message): unknown {
  return message['application_properties']?.['status-code']
}

async function sendTo(connection: Connection, address: string): Promise<Sender> {
  const sender = connection.open_sender({ target: { address } })
  await once(sender, 'sendable')
  return sender
}

/** How the emulator settled it: the outcome's name and, of a rejection, its condition. */
async function outcome(sender: Sender, send: () => void): Promise<string> {
  const settled = new Promise<string>((resolve) => {
    sender.once('accepted', () => resolve('accepted'))
    sender.once('rejected', ({ delivery }: EventContext) =>
      resolve(String((delivery!.remote_state as { error: { condition: string } }).error.condition)),
    )
  })
  send()
  return settled
}

test.for([
  ['nothing put', undefined],
  ['a token for another hub', 'sb://localhost/other'],
  ['a token for a hub whose name only begins the same', 'sb://localhost/log'],
] as const)('a link is refused with %s', async ([, audience]) => {
  const connection = await connect(await emulator())
  if (audience !== undefined) await putToken(connection, audience)
  const sender = connection.open_sender({ target: { address: 'logs' } })
  await once(sender, 'sender_error')
  expect(sender.error).toMatchObject({ condition: 'amqp:unauthorized-access' })
})

test.for(['sb://localhost/logs', 'sb://localhost:5672/logs/Partitions/0', 'sb://localhost/'])(
  'a token for %s opens a partition of the hub',
  async (audience) => {
    const connection = await connect(await emulator())
    expect(status(await putToken(connection, audience))).toBe(202)
    await sendTo(connection, 'logs/Partitions/0')
  },
)

test('a token of a type that the service does not know is refused', async () => {
  const connection = await connect(await emulator())
  expect(status(await putToken(connection, 'sb://localhost/logs', 'password'))).toBe(400)
})

test('a single message, not in a batch, is stored as it is', async () => {
  const hub = await emulator()
  const connection = await connect(hub)
  await putToken(connection, 'sb://localhost/logs')
  const sender = await sendTo(connection, 'logs/Partitions/0')
  const message = {
    subject: 'greeting',
    message_annotations: { 'x-opt-offset': 'forged', colour: 'green' },
    application_properties: { tries: 3 },
    body: rhea.message.data_section(Buffer.from('hello')),
  }
  expect(await outcome(sender, () => sender.send(message as unknown as Message))).toBe('accepted')
  const [event] = await read(consumer(hub), '0').count(1)
  expect(event).toMatchObject({
    body: Buffer.from('hello'),
    offset: '0',
    properties: { tries: 3 },
    systemProperties: { subject: 'greeting', colour: 'green' },
  })
})

test.for<[string, Buffer]>([
  ['no AMQP at all', Buffer.from('hello')],
  ['a section that is cut off', Buffer.from([0x00, 0x53, 0x75, 0xb0, 0, 0, 1, 0, 1])],
  ['an event that is no AMQP', batchOf(Buffer.from('hello'))],
  ['an event whose annotations are no map', batchOf(Buffer.from([0x00, 0x53, 0x72, 0x45]))],
])('a batch with %s is rejected, and the link lives on', async ([, bytes]) => {
  const hub = await emulator()
  const connection = await connect(hub)
  await putToken(connection, 'sb://localhost/logs')
  const sender = await sendTo(connection, 'logs/Partitions/0')
  expect(await outcome(sender, () => sender.send(bytes, undefined, BATCH_FORMAT))).toBe('amqp:decode-error')
  const good = batchOf(rhea.message.encode({ body: rhea.message.data_section(Buffer.from('ok')) }))
  expect(await outcome(sender, () => sender.send(good, undefined, BATCH_FORMAT))).toBe('accepted')
  expect(hub.operator.state().hubs[0]!.partitions[0]!.last).toBe(0)
})

test('a peer that speaks no AMQP is hung up on, and the others are served', async () => {
  const hub = await emulator()
  const socket = connectTcp(hub.port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\n\r\n'))
  socket.resume()
  await once(socket, 'close')
  expect(hub.operator.state().errors).toMatchObject({ count: 1, last: expect.stringContaining('AMQP') })
  await producer(hub).sendBatch([{ body: 1 }])
})

test('a reader that does not settle is given so many bytes and no more, until it settles', async () => {
  const hub = await emulator()
  const body = Buffer.alloc(250_000)
  const sender = producer(hub)
  await Promise.all(run(40).map(() => sender.sendBatch([{ body }], { partitionId: '0' })))
  const connection = await connect(hub)
  await putToken(connection, 'sb://localhost/logs')
  const held: EventContext[] = []
  const receiver: Receiver = connection.open_receiver({
    source: { address: 'logs/ConsumerGroups/g/Partitions/0' },
    autoaccept: false,
    credit_window: 100,
  })
  receiver.on('message', (context: EventContext) => held.push(context))
  await expect.poll(() => held.length).toBe(16)
  await sender.getPartitionProperties('0')
  expect(hub.operator.state().receivers).toMatchObject([{ delivered: 16, unsettled: 16 }])
  held.splice(0, 10).forEach(({ delivery }) => {
    delivery!.accept()
  })
  await expect.poll(() => held.length).toBe(16)
  await sender.getPartitionProperties('0')
  expect(hub.operator.state().receivers).toMatchObject([{ delivered: 26, unsettled: 16 }])
})

test('every shape of message is taken apart where the AMQP library would', () => {
  const bodies = [
    Buffer.alloc(0),
    Buffer.from('x'),
    Buffer.alloc(255),
    Buffer.alloc(256),
    Buffer.alloc(70_000),
  ]
  const messages = bodies.flatMap((content) => [
    { body: rhea.message.data_section(content) },
    { durable: true, ttl: 5, body: rhea.message.data_section(content) },
    { message_annotations: {}, body: rhea.message.data_section(content) },
    {
      durable: true,
      message_annotations: { 'x-opt-partition-key': 'k'.repeat(300), n: 1, list: [1, 'two', { three: 3 }] },
      message_id: 'id',
      application_properties: Object.fromEntries(
        run(100).map((n) => [`name-${n}`, n % 2 ? n : `value ${n}`]),
      ),
      body: rhea.message.data_sections([content, Buffer.from('second')]),
    },
    {
      application_properties: { when: new Date(0), big: 2 ** 40, half: 0.5, no: null },
      body: { a: [content.length] },
    },
  ])
  const batch = readBatch(batchOf(...messages.map((message) => rhea.message.encode(message))))
  expect(batch.events.length).toBe(messages.length)
  messages.forEach((message, index) => {
    const event = batch.events[index]!
    const { durable, ttl, message_annotations, ...rest } = message as Record<string, unknown>
    const wanted = rhea.message.decode(rhea.message.encode(rest))
    expect(rhea.message.decode(event.rest)).toEqual(wanted)
    const annotations = (message_annotations ?? {}) as Record<string, unknown>
    expect(event.partitionKey).toBe(annotations['x-opt-partition-key'])
    expect(event.annotations.length).toBe('n' in annotations ? 2 : 0)
  })
})

test.for<[string, unknown, number | undefined]>([
  ['a number', 1_900_000_000_000, 1_900_000_000_000],
  ['text that is a number', '1900000000000', 1_900_000_000_000],
  ['no number', 'yesterday', undefined],
  ['nothing', undefined, undefined],
])('the enqueued time that a sender gives as %s', ([, given, expected]) => {
  const properties = given === undefined ? { other: 1 } : { 'weir-enqueued-at': given }
  const bytes = rhea.message.encode({
    application_properties: properties,
    body: rhea.message.data_section(''),
  })
  expect(readEvent(bytes).enqueuedAt).toBe(expected)
})

function batchOf(...events: readonly Buffer[]): Buffer {
  return rhea.message.encode({ body: rhea.message.data_sections(events) })
}
