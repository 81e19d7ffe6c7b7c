import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { DatabaseSync } from 'node:sqlite'
import { judge } from '@weir/emulator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from './until.ts'
import { weir } from './weir.ts'
import { smallScenario, World } from './world.ts'

const first = smallScenario(811)
const second = smallScenario(812)

let world: World
let hook: Server
let database: string
/** What the webhook was told, in a few words. */
const told: string[] = []

beforeAll(async () => {
  hook = createServer(async (request, response) => {
    let body = ''
    for await (const part of request) body += String(part)
    const { state, code, subject, message } = JSON.parse(body)
    told.push(`${state} ${code} ${subject}: ${message}`)
    response.end()
  })
  hook.listen(0, '127.0.0.1')
  await once(hook, 'listening')
  const url = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`
  world = await World.start({
    aggregator: (usual) => {
      database = String(usual.store.path)
      const codes = ['forwarder-gone', 'chain-broken']
      const watch = { forwarderGoneSecondsMax: 5 }
      return { ...usual, watch, notify: [{ name: 'pager', url, minInterval: '0s', codes }] }
    },
  })
}, 60_000)
afterAll(async () => {
  await world?.stop()
  hook?.closeAllConnections()
  hook?.close()
})

/** The newest line of the bulk lane that is still to cross; the update turns one byte of it, or turns it back. */
function flipByte(): number {
  const store = new DatabaseSync(database)
  try {
    store.exec('pragma busy_timeout = 5000')
    const { seq, line } = store
      .prepare(
        `select seq, line from feed where lane = 'bulk' and line is not null order by seq desc limit 1`,
      )
      .get() as { seq: number; line: Uint8Array }
    line[line.length - 40]! ^= 1
    store.prepare(`update feed set line = ? where lane = 'bulk' and seq = ?`).run(line, seq)
    return seq
  } finally {
    store.close()
  }
}

async function bulkLane(): Promise<{ readonly head: number; readonly spooled: number }> {
  const client = world.network.client()
  try {
    return (await client.ledger()).forwarders[0]!.lanes['bulk']!
  } finally {
    await client.close()
  }
}

const toldOf = (begin: string) => told.find((each) => each.startsWith(begin))

test('with the link cut, the webhook tells that the forwarder is gone', async () => {
  await world.flow(first)
  await world.settled()
  expect(told).toEqual([])
  world.network.links.vpn.cut()
  const words = await until('the webhook is told', async () => toldOf('raised forwarder-gone'))
  expect(words).toMatch(/Not heard of for \d+ s/)
}, 120_000)

test('a flipped byte of a stored line stops the lane there, and the webhook and `weir verify` name the place', async () => {
  const { head } = await bulkLane()
  await world.flow(second)
  await until('more waits than crossed', async () => (await bulkLane()).head > head)
  await until(
    'everything is read',
    async () => (await world.books()).read >= first.totals.records + second.totals.records,
  )
  // Revisions that waited for quiet are out, so that the newest line stays the newest.
  let last = -1
  await until('the lane rests', async () => {
    const now = (await bulkLane()).head
    const rests = now === last
    last = now
    return rests
  })
  const seq = flipByte()
  world.network.links.vpn.resume()
  const words = await until('the webhook is told', async () => toldOf('raised chain-broken'))
  expect(words).toMatch(
    /Its bulk lane is good up to entry \d+, and does not continue there: the chain does not hold/,
  )
  expect((await bulkLane()).spooled).toBeLessThan(seq)
  expect(world.log('forwarder').some(({ happening }) => happening === 'feed_broken')).toBe(true)
  const { network } = world
  const verified = await weir(['verify', '--config', network.files.aggregator], network.env)
  expect(verified.code).toBe(1)
  expect(verified.stdout + verified.stderr).toContain(`bulk lane: line ${seq} is not what was written`)

  flipByte()
  await until('pages go through again', async () => toldOf('cleared chain-broken'))
  await world.settled()
  expect(judge(await world.kept(), second.planted).missed).toEqual([])
}, 180_000)
