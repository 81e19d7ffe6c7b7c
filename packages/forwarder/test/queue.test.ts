import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { dropQueue, listQueue, retryQueue } from '../src/index.ts'
import { setting, start } from './bench.ts'
import { FeedStandIn } from './support/aggregator.ts'
import { makeAlert } from './support/alert.ts'
import { Collector } from './support/collector.ts'
import { SyslogReceiver } from './support/receiver.ts'

const opened: (() => Promise<unknown> | unknown)[] = []

afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

/** With this rule no message of 2048 bytes can name its alert. */
const LONG = { rule: { ...makeAlert().rule, id: '🐟'.repeat(1000) } }

test('what waits and what was refused is listed beside a running forwarder', async () => {
  const { feed, spool, settled } = await network()
  feed.ship('urgent', makeAlert({ id: 'a', revision: 3, severity: 'critical', extra: LONG }))
  feed.ship('bulk', '{"alert":{"of":"the future"}}')
  await settled(2)
  const { waiting, items } = listQueue(spool)
  expect(waiting).toEqual([{ output: 'siem', pending: { urgent: 0, bulk: 0 } }])
  expect(items.map(({ output }) => output).sort()).toEqual(['*', 'siem'])
  expect(listQueue(spool, { output: 'siem' }).items).toEqual([
    {
      number: expect.any(Number),
      output: 'siem',
      aggregator: 'cloud',
      id: 'a',
      revision: 3,
      rule: LONG.rule.id,
      severity: 'critical',
      at: expect.any(Number),
      reason: expect.stringContaining('does not fit'),
      bytes: expect.any(Number),
      again: false,
    },
  ])
  expect(listQueue(spool, { id: 'a' }).items).toHaveLength(1)
  expect(listQueue(spool, { output: '*' }).items[0]).not.toHaveProperty('id')
})

test('what waits for an output that is away is told with the time of the oldest', async () => {
  const { feed, forwarder, siem, spool } = await network()
  await siem.close()
  feed.ship('urgent', makeAlert({ id: 'a' }))
  feed.ship('bulk', makeAlert({ id: 'b' }))
  await vi.waitFor(() => expect(forwarder.status().spool.entries).toBe(2))
  expect(listQueue(spool).waiting).toEqual([
    { output: 'siem', pending: { urgent: 1, bulk: 1 }, oldest: '2026-03-01T10:05:03.000Z' },
  ])
})

test('refused again it is set aside again; once the receiver takes it, it arrives and is gone', async () => {
  const { feed, forwarder, siem, of, spool, settled } = await network()
  feed.ship('bulk', makeAlert({ id: 'a', extra: LONG }))
  feed.ship('bulk', makeAlert({ id: 'b' }))
  await settled(1)
  const [before] = listQueue(spool).items
  expect(retryQueue(spool, {})).toEqual({ again: 1, unreadable: 0, missing: [] })
  await vi.waitFor(() => {
    const [after] = listQueue(spool).items
    expect(after).toMatchObject({ number: before!.number, again: false })
    expect(after!.at).toBeGreaterThan(before!.at)
  })
  await forwarder.stop()
  retryQueue(spool, { numbers: [before!.number] })
  expect(listQueue(spool).items[0]?.again).toBe(true)
  Object.assign((of.config['outputs'] as object[])[0]!, { sizeMax: '8000B' })
  const again = await start(of)
  opened.push(() => again.forwarder.stop())
  await siem.watched.until(() => siem.messages.length === 2)
  expect(siem.revisions()).toEqual(['b 1', 'a 1'])
  await vi.waitFor(() => expect(listQueue(spool).items).toEqual([]))
})

test('an alert whose newer revision was acknowledged meanwhile is let go, and not sent', async () => {
  const { feed, siem, spool, settled } = await network()
  feed.ship('bulk', makeAlert({ id: 'a', revision: 1, extra: LONG }))
  feed.ship('bulk', makeAlert({ id: 'a', revision: 2 }))
  await settled(1)
  await feed.watched.until(() => feed.delivered('siem', 'bulk') === 2)
  retryQueue(spool, {})
  await vi.waitFor(() => expect(listQueue(spool).items).toEqual([]))
  feed.ship('bulk', makeAlert({ id: 'b' }))
  await siem.watched.until(() => siem.messages.length === 2)
  expect(siem.revisions()).toEqual(['a 2', 'b 1'])
})

test('what could not be read goes to every output once it can be, and stays until then', async () => {
  const { feed, forwarder, siem, spool, of, settled } = await network()
  feed.ship('bulk', '{"alert":{"of":"the future"}}')
  await settled(1)
  const [item] = listQueue(spool).items
  expect(retryQueue(spool, { numbers: [item!.number, 99] })).toEqual({
    again: 0,
    unreadable: 1,
    missing: [99],
  })
  expect(listQueue(spool).items).toEqual([item])
  await forwarder.stop()
  // As a newer version finds it, which knows the form.
  const { default: Database } = await import('better-sqlite3')
  const file = new Database(spool)
  const line = Buffer.from(JSON.stringify({ seq: 1, at: '2026-03-01T10:05:03.000Z', alert: makeAlert() }))
  file.prepare('UPDATE quarantine SET line = ?').run(line)
  file.close()
  expect(retryQueue(spool, { output: '*' })).toMatchObject({ again: 1, unreadable: 0 })
  expect(listQueue(spool).items).toMatchObject([{ output: 'siem', id: 'a-1', revision: 1, again: true }])
  const again = await start(of)
  opened.push(() => again.forwarder.stop())
  await siem.watched.until(() => siem.messages.length === 1)
  expect(siem.revisions()).toEqual(['a-1 1'])
})

test('what is dropped is gone, and only that', async () => {
  const { feed, spool, settled } = await network()
  for (const id of ['a', 'b', 'c']) feed.ship('bulk', makeAlert({ id, extra: LONG }))
  await settled(3)
  expect(dropQueue(spool, { id: 'b' })).toEqual({ dropped: 1, missing: [] })
  expect(dropQueue(spool, { output: 'elsewhere' })).toEqual({ dropped: 0, missing: [] })
  expect(listQueue(spool).items.map(({ id }) => id)).toEqual(['a', 'c'])
  expect(dropQueue(spool, {})).toEqual({ dropped: 2, missing: [] })
  expect(listQueue(spool).items).toEqual([])
})

test('one entry of many that go out again is refused by the receiver, and the others arrive', async () => {
  const collector = new Collector()
  const url = await collector.listen()
  opened.push(() => collector.close())
  const output = { type: 'hec', name: 'splunk', url, token: { file: 'hec-token' } }
  const { feed, spool, settled } = await network([output])
  collector.bad = () => true
  for (const id of ['a', 'b', 'c']) feed.ship('bulk', makeAlert({ id }))
  await settled(3)
  collector.bad = ({ fields }) => fields['alert_id'] === 'b'
  retryQueue(spool, { output: 'splunk' })
  await settled(1)
  await vi.waitFor(() => expect(listQueue(spool).items).toMatchObject([{ id: 'b', again: false }]))
  expect(collector.revisions().sort()).toEqual(['a 1', 'c 1'])
})

async function network(outputs?: readonly object[]) {
  const feed = new FeedStandIn()
  const url = await feed.listen()
  opened.push(() => feed.close())
  const siem = new SyslogReceiver('octet')
  const port = await siem.listen()
  opened.push(() => siem.close())
  const syslog = { type: 'syslog', name: 'siem', host: '127.0.0.1', port, transport: 'tcp', sizeMax: '2048B' }
  const of = setting({ url }, outputs ?? [syslog])
  const { forwarder } = await start(of)
  opened.push(() => forwarder.stop())
  const spool = join(of.folder, 'spool.sqlite')
  const settled = (aside: number) =>
    vi.waitFor(() => expect(listQueue(spool).items).toHaveLength(aside), { timeout: 4000 })
  return { feed, siem, forwarder, of, spool, settled }
}
