import { afterEach, expect, test, vi } from 'vitest'
import { kafkaRecord, packRecord, unpackRecord } from '../src/formats/kafka-record.ts'
import { needKafka } from '../src/outputs/kafka/load.ts'
import { saidBy, verdictOf } from '../src/outputs/kafka/retry.ts'
import { read, setting, start } from './bench.ts'
import { FeedStandIn } from './support/aggregator.ts'
import { makeAlert } from './support/alert.ts'
import { makeCertificates, pemFiles } from './support/certificates.ts'
import { CODES, KafkaBroker, type KafkaRequirements, TOPIC } from './support/kafka-broker.ts'
import { crc32c } from './support/kafka-bytes.ts'

const CERTIFICATES = makeCertificates()
const PEM = pemFiles({
  ca: CERTIFICATES.authority.cert,
  cert: CERTIFICATES.client.cert,
  key: CERTIFICATES.client.key,
})

const KAFKA = { type: 'kafka', name: 'events', topic: TOPIC }
const SASL = { mechanism: 'plain', username: 'weir', password: { file: 'hec-token' } }
const WAIT = { timeout: 10_000 }

const opened: (() => Promise<unknown> | unknown)[] = []

afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

test('the stand-in checks with the published check value of CRC-32C', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283)
})

test('a record has the alert as its value, and what a consumer asks for beside it', () => {
  const alert = makeAlert({ revision: 3, weir: { status: 'merged', merged_into: 'b-2' } })
  const record = kafkaRecord(alert, 'alert', 'ecs')
  expect(record).toEqual({
    key: 'a-1',
    headers: {
      alert_id: 'a-1',
      revision: '3',
      kind: 'detection',
      severity: 'high',
      status: 'merged',
      rule: 'entra.password-spray',
      merged_into: 'b-2',
      'content-type': 'application/json',
    },
    value: Buffer.from(JSON.stringify(alert)),
  })
  expect(unpackRecord(packRecord(record))).toEqual(record)
  expect(JSON.parse(kafkaRecord(alert, 'alert', 'ocsf').value.toString()).class_uid).toBe(2004)
})

const BARE = { group: {} }
test.each([
  ['alert', {}, 'a-1'],
  ['rule', {}, 'entra.password-spray'],
  ['entity', {}, '203.0.113.9'],
  ['entity', { group: { 'user.name': 'kim' } }, 'kim'],
  ['entity', BARE, 'kim@example.org'],
] as const)('keyed by %s, with %j, the key is %s', (keyedBy, weir, key) => {
  expect(kafkaRecord(makeAlert({ weir }), keyedBy, 'ecs').key).toBe(key)
})

test('keyed by an entity, an alert of none has its own id', () => {
  const { user, source, ...alert } = makeAlert({ weir: BARE })
  expect(kafkaRecord(alert, 'entity', 'ecs').key).toBe('a-1')
})

test.each([
  ['none', 0],
  ['gzip', 1],
  ['zstd', 4],
] as const)('records arrive whole with compression %s', async (compression, code) => {
  const { broker, feed, delivered } = await network({ compression })
  const alerts = Array.from({ length: 12 }, (_, i) =>
    makeAlert({ id: `a-${i}`, message: `one\ntwo|=🐟${'é'.repeat(4500)}` }),
  )
  for (const alert of alerts) feed.ship('bulk', alert)
  await delivered('bulk', 12)
  expect([...broker.compressions]).toEqual([code])
  const kept = new Map(broker.logs.flat().map(({ key, value }) => [key, JSON.parse(value.toString())]))
  for (const alert of alerts) expect(kept.get(alert.weir.alert.id)).toEqual(alert)
  // One key, one partition; several keys, several.
  expect(broker.logs.filter((log) => log.length > 0).length).toBeGreaterThan(1)
})

test('the revisions of an alert stand in one partition, in their order', async () => {
  const { broker, feed, delivered } = await network({})
  for (let revision = 1; revision <= 4; revision++) {
    for (const id of ['a', 'b', 'c']) feed.ship('urgent', makeAlert({ id, revision }))
    await delivered('urgent', revision * 3)
  }
  for (const id of ['a', 'b', 'c']) {
    const logs = broker.logs.map((log) => log.filter(({ key }) => key === id)).filter((log) => log.length > 0)
    expect(logs.map((log) => log.map(({ headers }) => headers['revision']))).toEqual([['1', '2', '3', '4']])
  }
})

test('over TLS with a client certificate, a name and a password', async () => {
  const tls = { ...CERTIFICATES.server, ca: CERTIFICATES.authority.cert, requestCert: true }
  const user = { name: 'weir', password: 'hec-token' }
  const { broker, feed, delivered } = await network({ transport: 'tls', ...PEM, sasl: SASL }, { tls, user })
  feed.ship('urgent', makeAlert())
  await delivered('urgent', 1)
  expect(broker.revisions()).toEqual(['a-1 1'])
})

test('a broker that is not whom it should be gets nothing', async () => {
  const { broker, feed, forwarder } = await network(
    { transport: 'tls', ca: PEM['ca'], sasl: SASL },
    { tls: CERTIFICATES.stranger, user: { name: 'weir', password: 'hec-token' } },
  )
  feed.ship('urgent', makeAlert())
  await vi.waitFor(() => expect(reason(forwarder)).toContain('certificate'), WAIT)
  expect(broker.produced).toBe(0)
})

test('a password that is refused is a matter of the set-up', async () => {
  const user = { name: 'weir', password: 'another' }
  const { feed, forwarder } = await network({ sasl: SASL }, { user })
  feed.ship('urgent', makeAlert())
  await vi.waitFor(() => expect(reason(forwarder)).toContain('refuses its set-up'), WAIT)
  expect(forwarder.status().spool.outputs[0]).toMatchObject({ quarantined: 0, pending: { urgent: 1 } })
})

test('a topic that is not there is a matter of the set-up, until it is made', async () => {
  const { broker, feed, forwarder, delivered } = await network({})
  broker.topicThere = false
  feed.ship('urgent', makeAlert())
  await vi.waitFor(() => expect(reason(forwarder)).toContain('Unknown topic alerts'), WAIT)
  expect(reason(forwarder)).toContain('refuses its set-up')
  broker.topicThere = true
  await delivered('urgent', 1)
  expect(broker.revisions()).toEqual(['a-1 1'])
})

test('what was kept although the answer was lost is known again, and not kept twice', async () => {
  const { broker, feed, delivered } = await network({})
  broker.cutNext = true
  feed.ship('urgent', makeAlert())
  await delivered('urgent', 1)
  expect(broker.produced).toBe(2)
  expect(broker.revisions()).toEqual(['a-1 1'])
})

test('too few replicas are waited for', async () => {
  const { broker, feed, forwarder, delivered } = await network({})
  for (let i = 0; i < 4; i++) broker.scripted.push(CODES.notEnoughReplicas)
  feed.ship('urgent', makeAlert())
  await delivered('urgent', 1)
  expect(broker.revisions()).toEqual(['a-1 1'])
  expect(forwarder.status().spool.outputs[0]?.quarantined).toBe(0)
})

test('an alert over the bound is set aside, and the next one arrives', async () => {
  const { broker, feed, forwarder, delivered } = await network({ messageBytesMax: '10KB' })
  feed.ship('urgent', makeAlert({ id: 'a', message: 'x'.repeat(10_000) }))
  feed.ship('urgent', makeAlert({ id: 'b' }))
  await delivered('urgent', 2)
  expect(broker.revisions()).toEqual(['b 1'])
  expect(forwarder.status().spool.outputs[0]?.quarantined).toBe(1)
})

test('failures are told apart, and told once each', () => {
  const of = (apiId: string) =>
    Object.assign(new Error(`about ${apiId}`), { apiId, code: 'PLT_KFK_PROTOCOL' })
  const tries = (...apiIds: string[]) => new AggregateError(apiIds.map(of), 'failed 2 times')
  expect(verdictOf(of('MESSAGE_TOO_LARGE'))).toBe('bad')
  expect(verdictOf(tries('NOT_LEADER_OR_FOLLOWER', 'NOT_ENOUGH_REPLICAS'))).toBe('later')
  expect(verdictOf(tries('MESSAGE_TOO_LARGE', 'TOPIC_AUTHORIZATION_FAILED'))).toBe('setup')
  expect(verdictOf(new Error('login', { cause: of('SASL_AUTHENTICATION_FAILED') }))).toBe('setup')
  expect(verdictOf(new Error('ECONNREFUSED'))).toBe('later')
  const guess = (cause?: Error) =>
    Object.assign(new Error('no TLS there?', { cause }), { code: 'PLT_KFK_USER' })
  expect(verdictOf(guess())).toBe('setup')
  expect(verdictOf(guess(new Error('ECONNRESET')))).toBe('later')
  expect(verdictOf(of('INVALID_TIMESTAMP'))).toBe('setup')
  expect(verdictOf('what')).toBe('later')
  expect(saidBy(tries('A', 'A', 'B'))).toBe('A, about A; B, about B')
})

test('without its client it says what to install', () => {
  const missing = () => {
    throw new Error('Cannot find module')
  }
  expect(() => needKafka('events', missing)).toThrow(
    'output events needs @platformatic/kafka, which is not installed. Install the optional dependencies',
  )
})

test('a certificate that cannot be read is told at start', async () => {
  const output = { ...KAFKA, brokers: ['localhost:1'], ca: '/no/such.pem' }
  await expect(start(setting({ url: 'http://127.0.0.1:1' }, [output]))).rejects.toThrow(
    'cannot read PEM file /no/such.pem',
  )
})

test.each([
  ['a broker without a port', { brokers: ['kafka'] }, 'outputs.0.brokers.0: a broker is HOST:PORT'],
  ['no broker', { brokers: [] }, 'at least one broker'],
  ['a topic with a space', { topic: 'a b' }, 'outputs.0.topic'],
  ['a password in the file', { sasl: { ...SASL, password: 'x' } }, 'outputs.0.sasl.password'],
  ['half a pair', { cert: '/x' }, '"cert" and "key" go together'],
])('%s is refused at start', (_, more, message) => {
  const of = setting({ url: 'https://x.example' }, [{ ...KAFKA, brokers: ['[::1]:9092', 'b:9092'], ...more }])
  expect(() => read(of)).toThrow(message)
})

function reason(forwarder: Awaited<ReturnType<typeof start>>['forwarder']): string {
  return forwarder.status().outputs[0]!.reason
}

async function network(more: object, needs: KafkaRequirements = {}) {
  const broker = new KafkaBroker(needs)
  const port = await broker.listen()
  opened.push(() => broker.close())
  const feed = new FeedStandIn()
  const url = await feed.listen()
  opened.push(() => feed.close())
  const output = { ...KAFKA, brokers: [`localhost:${port}`], transport: 'tcp', ...more }
  const { forwarder } = await start(setting({ url }, [output]))
  opened.push(() => forwarder.stop())
  const delivered = (lane: 'urgent' | 'bulk', seq: number) =>
    feed.watched.until(() => feed.delivered('events', lane) === seq)
  return { broker, feed, forwarder, delivered }
}
