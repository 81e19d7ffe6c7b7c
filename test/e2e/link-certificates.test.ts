import { appendFileSync, copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { judge, makeCertificates } from '@weir/emulator'
import { systemClock } from '@weir/runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from './until.ts'
import { weir } from './weir.ts'
import { smallScenario, World } from './world.ts'

const first = smallScenario(411)
const second = smallScenario(412)

/** Whose token ends in two days. */
const LEAVER = {
  name: 'leaver',
  role: 'reader',
  sha256: '0'.repeat(64),
  expires: new Date(systemClock.now() + 2 * 86_400_000).toISOString(),
}

let world: World
/** What the aggregator trusts, and what the forwarder shows. */
let files: { readonly ca: string; readonly cert: string; readonly key: string }

beforeAll(async () => {
  world = await World.start({
    mutualTls: true,
    aggregator: (usual) => {
      const folder = join(usual.store.path, '..', 'link')
      mkdirSync(folder)
      files = { ca: join(folder, 'ca.pem'), cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
      const { tls, tokens } = usual.api
      copyFileSync((tls as { readonly ca: string }).ca, files.ca)
      const [people, forwarder] = tokens
      const { token: _, ...named } = forwarder!
      const known = { ...named, certificate: { san: 'weir-forwarder' } }
      return {
        ...usual,
        api: { ...usual.api, tls: { ...tls, ca: files.ca }, tokens: [people, known, LEAVER] },
      }
    },
    forwarder: (usual) => {
      const [{ token: _, ...cloud } = { token: undefined }] = usual.aggregators
      const { cert, key } = cloud as { readonly cert: string; readonly key: string }
      copyFileSync(cert, files.cert)
      copyFileSync(key, files.key)
      return { ...usual, aggregators: [{ ...cloud, cert: files.cert, key: files.key }] }
    },
  })
}, 60_000)
afterAll(() => world?.stop())

test('a forwarder that has no token is known by its certificate, and asks over one connection', async () => {
  await world.flow(first)
  await world.settled()
  expect(judge(await world.kept(), first.planted).missed).toEqual([])
  expect(world.network.links.vpn.stats().open).toBe(1)
  const { stdout } = await weir(['doctor', '--config', world.network.files.forwarder, '--json'])
  const checks = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const found = (name: string) => checks.find((each) => each.name === name)
  expect(found('aggregator cloud')).toMatchObject({
    ok: true,
    detail: expect.stringMatching(/knows us as the forwarder "on-prem" by our certificate, until 20/),
  })
  expect(found('certificate for aggregator cloud')).toMatchObject({
    ok: true,
    detail: expect.stringMatching(/in 29 days$/),
  })
}, 120_000)

test('certificate and authority are replaced without a failure of the link', async () => {
  const before = failures().length
  const next = await makeCertificates(join(world.folder, 'next'), systemClock.now(), 'Next authority')
  appendFileSync(files.ca, `\n${readFileSync(next.ca, 'utf8')}`)
  await until('the aggregator trusts the next authority', async () => changes('aggregator').length > 0)
  copyFileSync(next.client.cert, files.cert)
  copyFileSync(next.client.key, files.key)
  await until('the forwarder has seen its certificate', async () => changes('forwarder').length > 0)
  await world.flow(second)
  await world.settled()
  expect(judge(await world.kept(), second.planted).missed).toEqual([])
  expect(failures().slice(before)).toEqual([])
}, 120_000)

test('a token that is about to end is an alert at the SIEM', async () => {
  const look = async () =>
    (await world.kept()).find(({ rule }) => rule === 'weir.health.credential-last-days')
  // The first check is a minute after the start, which may be further off than one wait.
  const alert = await until('it is told of', look).catch(() => until('it is told of', look))
  expect(JSON.stringify(alert)).toContain('token leaver')
}, 120_000)

function changes(side: 'aggregator' | 'forwarder') {
  return world.log(side).filter(({ happening }) => happening === 'credential_changed')
}

function failures() {
  return world.log('forwarder').filter(({ happening }) => happening === 'link_failed')
}
