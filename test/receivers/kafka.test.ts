import { randomBytes } from 'node:crypto'
import type { AlertV1 } from '@weir/contract'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Consumed, KAFKA_THERE, Kafka } from './kafka.ts'
import { FeedStandIn, makeAlert, makeCertificates, pemFiles, setting, start } from './kafka-parts.ts'

const { authority, server, client } = makeCertificates()
const PEM = pemFiles({ ca: authority.cert, cert: client.cert, key: client.key })

const ALERTS: readonly AlertV1[] = [
  makeAlert({ id: 'plain' }),
  makeAlert({ id: 'awkward', message: 'a|b=c\\d\n"e"\tü 🐟 \u2028', name: 'Rule, with: commas' }),
  makeAlert({ id: 'large', severity: 'critical', message: `${'nine kilobytes, ü '.repeat(480)}end` }),
  makeAlert({ id: 'merged', revision: 3, weir: { status: 'merged', merged_into: 'plain' } }),
  makeAlert({ id: 'health', kind: 'health', severity: 'low' }),
  ...Array.from({ length: 30 }, (_, i) => makeAlert({ id: `more-${i}`, revision: 1 + (i % 3) })),
]

// Java takes its time to begin, and a dozen begin here, several at once.
describe('Apache Kafka', { timeout: 180_000 }, () => {
  if (!KAFKA_THERE) {
    test.skip("skipped, needs java and Kafka's jars (WEIR_KAFKA_JARS)", () => {})
    return
  }

  const kafka = new Kafka()
  const opened: (() => Promise<unknown> | unknown)[] = []

  beforeAll(async () => {
    await kafka.prepare({ ca: authority.cert, ...server })
    await kafka.start()
  }, 180_000)
  afterEach(async () => {
    for (const close of opened.splice(0).reverse()) await close()
  })
  afterAll(() => kafka.close())

  test("Kafka's own consumer reads every alert as it was, in the clear and over TLS, however it is packed", async () => {
    const secure = { transport: 'tls', brokers: kafka.secureBrokers, ...PEM }
    const outputs = [
      { name: 'none', topic: 'none', compression: 'none', ...secure, sasl: sasl('plain') },
      { name: 'gzip', topic: 'gzip', ...secure, sasl: sasl('scram-sha-512') },
      { name: 'zstd', topic: 'zstd', compression: 'zstd', keyedBy: 'rule' },
    ]
    await Promise.all(outputs.map(({ topic }) => kafka.makeTopic(topic)))
    const { feed, delivered } = await line(outputs)
    for (const alert of ALERTS) feed.ship('bulk', alert)
    await delivered(ALERTS.length)
    for (const { topic } of outputs)
      expectAlerts(await kafka.consume(topic, ALERTS.length), topic === 'zstd' ? ruleOf : idOf)
  })

  test('an answer that is lost makes no second record', async () => {
    await kafka.makeTopic('lost')
    const { feed, delivered } = await line([{ name: 'lost', topic: 'lost' }])
    kafka.loseNextAnswer()
    for (const alert of ALERTS) feed.ship('bulk', alert)
    await delivered(ALERTS.length)
    expect(kafka.lostAnswers).toBe(1)
    expectAlerts(await kafka.consume('lost', ALERTS.length), idOf)
  })

  test('a record over the bound of the topic is set aside, and every other arrives', async () => {
    await kafka.makeTopic('small', ['max.message.bytes=30000'])
    const { feed, forwarder, delivered } = await line([{ name: 'small', topic: 'small' }])
    const [first, ...rest] = ALERTS
    // Noise does not become smaller by compression.
    for (const alert of [
      first!,
      makeAlert({ id: 'noise', message: randomBytes(40_000).toString('base64') }),
      ...rest,
    ])
      feed.ship('bulk', alert)
    await delivered(ALERTS.length + 1)
    expect(forwarder.status().spool.outputs[0]?.quarantined).toBe(1)
    const seen = await kafka.consume('small', ALERTS.length)
    expect(new Set(seen.map(({ key }) => key))).toEqual(new Set(ALERTS.map(idOf)))
  })

  test('a topic that is not there and a wrong password set nothing aside, and say what they are', async () => {
    const wrong = { ...sasl('scram-sha-512'), username: 'nobody' }
    const { feed, forwarder } = await line([
      { name: 'nowhere', topic: 'nowhere' },
      { name: 'nobody', topic: 'none', transport: 'tls', brokers: kafka.secureBrokers, ...PEM, sasl: wrong },
    ])
    feed.ship('bulk', ALERTS[0]!)
    const reasons = () => forwarder.status().outputs.map(({ reason }) => reason)
    await vi.waitFor(() => expect(reasons().every((reason) => reason.includes('set-up'))).toBe(true), WAIT)
    expect(reasons()[0]).toContain('Unknown topic nowhere')
    expect(reasons()[1]).toContain('uthentication')
    expect(forwarder.status().spool.outputs.map(({ quarantined }) => quarantined)).toEqual([0, 0])
  })

  test('what comes while it is stopped arrives when it runs again', async () => {
    await kafka.makeTopic('back')
    const { feed, forwarder, delivered } = await line([{ name: 'back', topic: 'back' }])
    feed.ship('bulk', ALERTS[0]!)
    await delivered(1)
    await kafka.stop()
    for (const alert of ALERTS.slice(1)) feed.ship('bulk', alert)
    await vi.waitFor(() => expect(forwarder.status().outputs[0]!.reason).not.toBe(''), WAIT)
    await kafka.start()
    await delivered(ALERTS.length)
    expectAlerts(await kafka.consume('back', ALERTS.length), idOf)
  })

  async function line(outputs: readonly ({ readonly name: string } & Readonly<Record<string, unknown>>)[]) {
    const feed = new FeedStandIn()
    const url = await feed.listen()
    opened.push(() => feed.close())
    const common = { type: 'kafka', brokers: kafka.brokers, transport: 'tcp' }
    const of = setting(
      { url },
      outputs.map((output) => ({ ...common, ...output })),
    )
    const { forwarder } = await start(of)
    opened.push(() => forwarder.stop())
    const delivered = (seq: number) =>
      feed.watched.until(() => outputs.every(({ name }) => feed.delivered(name, 'bulk') === seq))
    return { feed, forwarder, delivered }
  }
})

const WAIT = { timeout: 30_000 }

function sasl(mechanism: string) {
  return { mechanism, username: 'weir', password: { file: 'hec-token' } }
}

function idOf({ weir }: AlertV1): string {
  return weir.alert.id
}

function ruleOf({ rule }: AlertV1): string {
  return rule.id
}

/** Each alert once, with its key, its headers and every field. */
function expectAlerts(seen: readonly Consumed[], keyOf: (alert: AlertV1) => string): void {
  expect(seen.map(({ headers }) => headers['alert_id']).sort()).toEqual(ALERTS.map(idOf).sort())
  for (const alert of ALERTS) {
    const { id, revision, kind, severity, status, merged_into } = alert.weir.alert
    const one = seen.find(({ headers }) => headers['alert_id'] === id)!
    expect(one.key).toBe(keyOf(alert))
    expect(JSON.parse(one.value)).toEqual(alert)
    expect(one.headers).toEqual({
      alert_id: id,
      revision: String(revision),
      kind,
      severity,
      status,
      rule: alert.rule.id,
      ...(merged_into === undefined ? {} : { merged_into }),
      'content-type': 'application/json',
    })
  }
}
