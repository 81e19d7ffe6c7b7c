import type { CanariesReply } from '@weir/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Ended, weir } from './weir.ts'
import { World } from './world.ts'

type Canary = CanariesReply['items'][number]

let world: World
beforeAll(async () => {
  world = await World.start()
}, 60_000)
afterAll(() => world?.stop())

/** Runs a command of `weir canary` that asks the aggregator, as an analyst. */
function canary(...args: readonly string[]): Promise<Ended> {
  const { network } = world
  const reach = ['--url', network.aggregator.ready.url, '--ca', network.certificates.ca]
  return weir(['canary', ...args, ...reach], { WEIR_TOKEN: network.readerToken })
}

async function plant(): Promise<string> {
  const { files, env } = world.network
  const args = ['--config', files.aggregator, '--source', 'hubs', '--hub', 'entra', '--json']
  const planted = await weir(['canary', 'plant', ...args], env)
  expect([planted.code, planted.stderr]).toEqual([0, expect.stringContaining('planted at hub entra')])
  return JSON.parse(planted.stdout).id as string
}

test('a canary that is planted at a hub is timed through every stage until the SIEM has acknowledged it', async () => {
  const id = await plant()
  const waited = await canary('wait', id, '--timeout', '60', '--json')
  expect([waited.code, waited.stderr]).toEqual([0, ''])
  const told = JSON.parse(waited.stdout) as Canary
  expect(told).toMatchObject({ id, source: 'hubs', shipped: true })
  const [forwarder] = told.forwarders
  expect(forwarder).toMatchObject({ name: 'on-prem', filtered: false, outputs: [{ output: 'siem' }] })
  const stages = [told.committed, forwarder!.fetched, forwarder!.outputs[0]!.acknowledged]
  for (const each of [told.planted, told.arrived, ...stages]) expect(Date.parse(each!)).toBeGreaterThan(0)
  expect(stages.map((each) => Date.parse(each!))).toEqual(
    stages.map((each) => Date.parse(each!)).sort((a, b) => a - b),
  )
  // What the aggregator says was acknowledged is at the SIEM, under the alert's own id.
  expect((await world.kept()).map((each) => each.id)).toContain(told.alert)
}, 120_000)

test('one that cannot get through is waited for in vain: exit 1, and how far it came', async () => {
  world.network.links.vpn.cut()
  const id = await plant()
  const waited = await canary('wait', id, '--timeout', '5')
  world.network.links.vpn.resume()
  expect([waited.code, waited.stderr]).toEqual([1, `${id} is on its way\n`])
  expect(waited.stdout).toMatch(/ s {2}its alert was committed by the aggregator\n/)
  expect(waited.stdout).toContain('not yet fetched by forwarder on-prem')
  expect(waited.stdout).toContain('not yet acknowledged by output siem of on-prem')
  const later = await canary('wait', id, '--timeout', '60')
  expect(later.code).toBe(0)
  expect(later.stdout).toContain(' s  acknowledged by output siem of on-prem\n')
}, 120_000)

test('one that nobody planted has not arrived', async () => {
  const waited = await canary('wait', 'c-nobody', '--timeout', '1')
  expect([waited.code, waited.stdout, waited.stderr]).toEqual([1, '', 'c-nobody has not arrived\n'])
}, 60_000)
