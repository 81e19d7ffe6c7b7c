import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { setting, start } from './bench.ts'
import { FeedStandIn } from './support/aggregator.ts'
import { makeAlert } from './support/alert.ts'

const opened: (() => Promise<unknown> | unknown)[] = []

afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

test('what does not pass is passed over and counted, and its mark moves on', async () => {
  const { feed, lines, counted } = await line({ filter: { severities: ['high'] } })
  feed.ship('bulk', makeAlert({ id: 'a', severity: 'low' }))
  feed.ship('bulk', makeAlert({ id: 'b' }))
  feed.ship('bulk', makeAlert({ id: 'c', severity: 'low' }))
  await feed.watched.until(() => feed.delivered('out', 'bulk') === 3)
  expect(lines()).toEqual(['b 1'])
  expect(await counted('output_filtered')).toBe(2)
})

test('of an alert that went, later revisions go too, though the filter would hold them back', async () => {
  const { feed, lines } = await line({ filter: { severities: ['high'] } })
  feed.ship('urgent', makeAlert({ id: 'a' }))
  await feed.watched.until(() => feed.delivered('out', 'urgent') === 1)
  feed.ship('bulk', makeAlert({ id: 'a', revision: 2, severity: 'low', weir: { status: 'closed' } }))
  feed.ship('bulk', makeAlert({ id: 'b', revision: 2, severity: 'low', weir: { status: 'closed' } }))
  await feed.watched.until(() => feed.delivered('out', 'bulk') === 2)
  expect(lines()).toEqual(['a 1', 'a 2'])
})

test('so do those that come in one batch with the first', async () => {
  const { feed, lines } = await line({ filter: { tags: ['mine'] } }, (before) => {
    before.ship('bulk', makeAlert({ id: 'a', extra: { tags: ['mine'] } }))
    before.ship('bulk', makeAlert({ id: 'b' }))
    before.ship('bulk', makeAlert({ id: 'a', revision: 2, weir: { status: 'closed' } }))
  })
  await feed.watched.until(() => feed.delivered('out', 'bulk') === 3)
  expect(lines()).toEqual(['a 1', 'a 2'])
})

test('an alert that only later passes begins with that revision', async () => {
  const { feed, lines } = await line({ filter: { severities: ['high'] } })
  feed.ship('bulk', makeAlert({ id: 'a', severity: 'low' }))
  await feed.watched.until(() => feed.delivered('out', 'bulk') === 1)
  feed.ship('urgent', makeAlert({ id: 'a', revision: 2 }))
  await feed.watched.until(() => feed.delivered('out', 'urgent') === 1)
  expect(lines()).toEqual(['a 2'])
})

test('two outputs get each their own shape', async () => {
  const feed = new FeedStandIn()
  const url = await feed.listen()
  opened.push(() => feed.close())
  const file = (name: string, shape: object) => ({ type: 'file', name, path: `${name}.ndjson`, ...shape })
  const of = setting({ url }, [
    file('whole', {}),
    file('less', { fields: ['user.name', 'message'], redact: [{ path: 'user.name' }] }),
  ])
  const { forwarder } = await start(of)
  opened.push(() => forwarder.stop())
  const alert = makeAlert({ message: 'kim@example.org failed' })
  feed.ship('urgent', alert)
  for (const name of ['whole', 'less']) await feed.watched.until(() => feed.delivered(name, 'urgent') === 1)
  const written = (name: string) =>
    JSON.parse(readFileSync(join(of.folder, `${name}.ndjson`), 'utf8')) as object
  expect(written('whole')).toEqual(alert)
  expect(written('less')).toMatchObject({ message: '[redacted] failed', user: { name: '[redacted]' } })
  expect(written('less')).not.toHaveProperty('source')
})

/** A forwarder with one file output of this shape. */
async function line(shape: object, before: (feed: FeedStandIn) => void = () => undefined) {
  const feed = new FeedStandIn()
  before(feed)
  const url = await feed.listen()
  opened.push(() => feed.close())
  const of = setting({ url }, [{ type: 'file', name: 'out', path: 'alerts.ndjson', ...shape }])
  const { forwarder, report } = await start(of)
  opened.push(() => forwarder.stop())
  const lines = () => {
    const text = readFileSync(join(of.folder, 'alerts.ndjson'), 'utf8')
    return text
      .trimEnd()
      .split('\n')
      .map((each) => (JSON.parse(each) as ReturnType<typeof makeAlert>).weir.alert)
      .map(({ id, revision }) => `${id} ${revision}`)
  }
  const counted = async (name: string) =>
    Number(new RegExp(`${name}[^\\n]*output="out"[^\\n]* (\\d+)`).exec(await report.registry.metrics())?.[1])
  return { feed, lines, counted }
}
