import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { LedgerReply } from '@weir/contract'
import { afterEach, expect, test } from 'vitest'
import { until } from './until.ts'
import { weir } from './weir.ts'
import { smallScenario, World } from './world.ts'

const NAME = 'on-prem'

let world: World
afterEach(() => world?.stop())

async function ledger(): Promise<LedgerReply> {
  const client = world.network.client()
  try {
    return await client.ledger({ from: '2000-01-01' })
  } finally {
    await client.close()
  }
}

/** All days of the forwarder, as the aggregator counted it. */
async function counted(): Promise<{ received: number; sent: number }> {
  const days = (await ledger()).linkDays.filter(({ caller }) => caller === NAME)
  return days.reduce(
    (sum, { received, sent }) => ({ received: sum.received + received, sent: sum.sent + sent }),
    { received: 0, sent: 0 },
  )
}

/** The same as the forwarder has it in its spool, turned to the aggregator's side. */
function spooled(): { received: number; sent: number } {
  const spool = new DatabaseSync(join(world.folder, 'spool.db'), { readOnly: true })
  try {
    const sums = 'select sum(sent) as received, sum(received) as sent from link_day'
    return { ...(spool.prepare(sums).get() as { received: number; sent: number }) }
  } finally {
    spool.close()
  }
}

/** As the stand-in of the VPN between them carried it. */
function carried(): { received: number; sent: number } {
  const { upBytes, downBytes } = world.network.links.vpn.stats()
  return { received: upBytes, sent: downBytes }
}

type Bytes = Awaited<ReturnType<typeof counted>>

function less(all: Bytes, before: Bytes): Bytes {
  return { received: all.received - before.received, sent: all.sent - before.sent }
}

test('aggregator, forwarder and the link between them count the same bytes, also over restarts', async () => {
  world = await World.start({ mutualTls: true })
  await world.flow(smallScenario(611))
  await world.settled()
  await world.network.forwarder.stop()
  await until('its end is counted', async () => (await counted()).sent === carried().sent)
  // Until the aggregator was up, the forwarder had knocked in vain: that alone is the difference.
  const before = { counted: await counted(), spooled: spooled(), carried: carried() }
  expect(before.spooled.sent).toBe(before.carried.sent)

  await world.network.restartForwarder()
  await world.flow(smallScenario(612))
  await world.settled()
  await world.network.forwarder.stop()
  await world.network.restartForwarder()
  await world.flow(smallScenario(613))
  await world.settled()
  await world.network.forwarder.stop()
  const [ours, theirs] = [less(spooled(), before.spooled), less(carried(), before.carried)]
  expect(ours).toEqual(theirs)
  await until('the aggregator has counted the end, too', async () => {
    const { received, sent } = less(await counted(), before.counted)
    return received === ours.received && sent === ours.sent
  })

  const { linkDays } = await ledger()
  const told = linkDays.filter(({ caller }) => caller === NAME).at(-1)!
  // A report cannot count its own answer, nor the goodbye.
  expect(told.own!.sent).toBeGreaterThan(0.9 * told.sent)
  expect(told.own!.sent).toBeLessThanOrEqual(told.sent)
}, 120_000)

test('cut connections cost no more than what was on its way', async () => {
  world = await World.start()
  const { vpn } = world.network.links
  let cuts = 0
  await world.flow(smallScenario(614), async () => {
    if (cuts++ < 5) vpn.drop()
  })
  await world.settled()
  await world.network.forwarder.stop()
  const ours = spooled()
  await until('the end of the last connection is counted', async () => {
    const theirs = await counted()
    return Math.abs(theirs.received - ours.received) + Math.abs(theirs.sent - ours.sent) < 64_000
  })
}, 120_000)

test('over its budget the bulk lane waits and says so, the urgent one passes; with a new one all arrives', async () => {
  const budgeted = (maxBytesPerDay: string) => (usual: object) => ({
    ...usual,
    line: { quietRevision: '500ms' },
    forwarders: [{ name: NAME, link: { maxBytesPerDay } }],
  })
  world = await World.start({ aggregator: budgeted('2KB') })
  await world.flow(smallScenario(615))
  const lanes = async () => (await ledger()).forwarders.find(({ name }) => name === NAME)!
  await until('what is urgent was fetched, and something waits', async () => {
    const { urgent, bulk } = (await lanes()).lanes
    return urgent!.head > 0 && urgent!.spooled === urgent!.head && bulk!.head > 0
  })
  const told = await until('the SIEM is told', async () =>
    (await world.kept()).find(({ rule }) => rule === 'weir.health.link-budget'),
  )
  expect(String(told.fields['msg'])).toMatch(
    /^Link budget spent: on-prem\. The 2000 bytes of the day are spent\. Since .* waits, until .*T00:00:00\.000Z at the latest: \d+ of [a-z]/,
  )
  const waiting = await lanes()
  expect(waiting.lanes['bulk']!.spooled).toBe(0)
  expect(waiting.budget).toMatchObject({ bytesMax: 2000, bytesLeft: 0 })
  const env = { WEIR_URL: world.network.aggregator.ready.url, WEIR_TOKEN: world.network.readerToken }
  const shown = await weir(['ledger', '--ca', world.network.certificates.ca], env)
  expect(shown.stdout).toContain('on-prem: 0 B of 2.0 kB left until')

  world.network.configure.aggregator(budgeted('1GB'))
  await world.network.restartAggregator()
  await world.settled()
  const { bulk } = (await lanes()).lanes
  expect(bulk!.spooled).toBe(bulk!.head)
  const closed = await until('that it flows again is told, too', async () =>
    (await world.kept()).find(
      ({ rule, labels }) => rule === 'weir.health.link-budget' && labels['status'] === 'closed',
    ),
  )
  expect(closed.revision).toBeGreaterThan(1)
}, 120_000)
