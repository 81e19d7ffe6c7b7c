import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Child, judge, readyLine, startChild } from '@weir/emulator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from './until.ts'
import { WEIR } from './weir.ts'
import { smallScenario, World } from './world.ts'

const first = smallScenario(401)
const second = smallScenario(402)

let world: World
/** What the forwarder shows as its token. */
let tokenFile: string

beforeAll(async () => {
  world = await World.start({
    forwarder: (usual) => {
      tokenFile = join(usual.spool.path, '..', 'token')
      writeFileSync(tokenFile, 'a-token-that-nobody-gave-out\n')
      return { ...usual, aggregators: [{ ...usual.aggregators[0], token: { file: 'token' } }] }
    },
  })
}, 60_000)
afterAll(() => world?.stop())

/** Resolves when the aggregator has read so many records, whatever became of their alerts. */
async function readInTheCloud(records: number): Promise<void> {
  await until('the aggregator has read everything', async () => (await world.books()).read >= records)
}

test('a wrong token is told and tried again; with the right one in the file everything comes, without a restart', async () => {
  await world.flow(first)
  await readInTheCloud(first.totals.records)
  const refused = () => world.log('forwarder').filter(({ code }) => code === 'NO_TOKEN')
  await until('it has tried again', async () => refused().length >= 3)
  expect(refused()[0]).toMatchObject({
    happening: 'link_failed',
    reason: expect.stringContaining('the token is not known here'),
  })
  expect(await world.kept()).toEqual([])

  writeFileSync(tokenFile, world.network.forwarderToken)
  await world.settled()
  expect(judge(await world.kept(), first.planted).missed).toEqual([])
}, 120_000)

test('what is found while the aggregator cannot be reached comes when it can', async () => {
  const { vpn } = world.network.links
  vpn.cut()
  const known = (await world.kept()).length
  await world.flow(second)
  await readInTheCloud(first.totals.records + second.totals.records)
  expect(vpn.stats().refused).toBeGreaterThan(0)
  expect(await world.kept()).toHaveLength(known)
  vpn.resume()
  await world.settled()
  expect(judge(await world.kept(), second.planted).missed).toEqual([])
}, 120_000)

test('a second forwarder with the same token takes over; the first is told, and comes back after it', async () => {
  const successor = await startSuccessor()
  try {
    const alerts = join(world.folder, 'successor', 'alerts.ndjson')
    await until('the first is told', async () =>
      world.log('forwarder').some(({ code }) => code === 'SESSION_TAKEN'),
    )
    const told = world.log('forwarder').find(({ code }) => code === 'SESSION_TAKEN')!
    expect(told['reason']).toContain('run one process per forwarder')
    await world.settled(['successor'])
    expect(readFileSync(alerts, 'utf8').trimEnd().split('\n').length).toBeGreaterThan(0)
  } finally {
    await successor.stop()
  }
  const before = (await world.network.siem.state())['messages']
  await world.network.restartForwarder()
  await world.settled()
  expect((await world.network.siem.state())['messages']).toBe(before)
}, 120_000)

/** The same registration on another machine: a spool and an output of its own. */
async function startSuccessor(): Promise<Child<unknown>> {
  const folder = join(world.folder, 'successor')
  mkdirSync(folder)
  const { aggregators } = JSON.parse(readFileSync(world.network.files.forwarder, 'utf8'))
  const config = join(folder, 'forwarder.json')
  writeFileSync(
    config,
    JSON.stringify({
      aggregators: [{ ...aggregators[0], token: { file: tokenFile } }],
      spool: { path: 'spool.db' },
      outputs: [{ type: 'file', name: 'successor', path: 'alerts.ndjson' }],
    }),
  )
  return startChild<unknown>({
    name: 'second forwarder',
    script: WEIR,
    args: ['forwarder', '--config', config],
    logFile: join(folder, 'forwarder.log'),
    ready: readyLine,
  })
}
