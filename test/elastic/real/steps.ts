import { match, strictEqual } from 'node:assert'
import type { AlertV1 } from '@weir/contract'
import fc from 'fast-check'
import { anyAlert } from '../any-alert.ts'
import { everyAlert } from '../every-alert.ts'
import type { RealServer } from './server.ts'
import { ask, fieldsOfTemplate, installTemplates, Target } from './target.ts'

/** One thing to see; rejects when it is not so. */
export interface Step {
  readonly name: string
  readonly see: () => Promise<void>
  readonly asksWho?: boolean
}

/** What a server that may be thrown away is put through, in this order. */
export async function stepsOn(server: RealServer): Promise<Step[]> {
  const { url } = server
  const index = new Target(url, { index: 'weir-alerts' })
  const stream = new Target(url, { dataStream: 'logs-weir.alerts-default' })
  const alerts = await alertsToSend()
  const waits = /is (OpenSearch|Elasticsearch) \d.*not there yet, and an index template is/
  const steps: Step[] = [
    doctor('the doctor misses the template', index, /no index template for it/),
    { name: 'the templates are taken', see: () => installTemplates(server) },
    doctor('the doctor finds the template', index, waits),
    doctor('and that of the data stream', stream, waits),
    ...stepsInto(server, index, alerts, ({ id }) => id),
    ...stepsInto(server, stream, alerts, ({ id, revision }) => `${id}.${revision}`),
    { name: 'an older revision that comes late changes nothing', see: () => seeRevisions(url, index) },
    { name: 'addresses, times, numbers and groups are found as such', see: () => seeFound(index) },
    { name: 'revisions into a data stream are no good set-up', see: () => seeWrongKind(url, stream.name) },
    doctor('the doctor says so', new Target(url, { index: stream.name }), /name it by "dataStream"/),
  ]
  // A bare server does not say who it is, which the doctor asks first.
  return steps.filter(({ asksWho = false }) => !(asksWho && server.bare))
}

function doctor(name: string, target: Target, says: RegExp): Step {
  return { name, asksWho: true, see: async () => match(await target.check(), says) }
}

/** Every kind of alert that we make, and as many again of anything that may stand in one. */
async function alertsToSend(): Promise<AlertV1[]> {
  const real = (await everyAlert()) as unknown as AlertV1[]
  const random = fc.sample(anyAlert, { numRuns: 500, seed: 1 }) as unknown as AlertV1[]
  return [...real, ...random.map((alert, n) => named(alert, `random-${n}`))]
}

type Key = (alert: AlertV1['weir']['alert']) => string

function stepsInto(server: RealServer, target: Target, alerts: readonly AlertV1[], keyOf: Key): Step[] {
  const { name } = target
  const seeAll = async () => {
    strictEqual(await target.send(alerts), '')
    strictEqual(await target.count(), new Set(alerts.map(({ weir }) => keyOf(weir.alert))).size)
  }
  const kind = name === 'weir-alerts' ? 'index' : 'data stream'
  const withoutPipeline = new Target(server.url, {
    ...(kind === 'index' ? { index: name } : { dataStream: name }),
    pipeline: 'none',
  })
  return [
    { name: `${name} takes ${alerts.length} alerts`, see: seeAll },
    { name: `${name} takes them again and has none twice`, see: seeAll },
    {
      name: `${name} has no field but those of the template`,
      see: async () => strictEqual(await target.fields(), fieldsOfTemplate(server)),
    },
    doctor(`the doctor sees ${name}`, target, new RegExp(`${name} is there as ${kind}$`)),
    { name: `${name} refuses what fits no field, and that alone`, see: () => seeRefused(target) },
    { name: `${name} gets a request that was too large in parts`, see: () => seeDivided(target) },
    {
      name: `${name} without its pipeline is no good set-up`,
      see: async () => match(await withoutPipeline.send([alertCalled('b')]), /^SetupRefused/),
    },
  ]
}

async function seeRefused(target: Target): Promise<void> {
  const misfit = { ...alertCalled('misfit'), source: 'here' as never }
  const refused = await target.send([alertCalled('fits'), misfit, alertCalled('fits-too')])
  match(refused, /^misfit: HTTP 400, (mapper|document)_parsing_exception[^\n]*$/)
}

/** The server takes 2 MB at most, and one that was not started here 100 MB: then nothing is divided. */
async function seeDivided(target: Target): Promise<void> {
  const message = 'x'.repeat(700_000)
  const large = Array.from({ length: 6 }, (_, n) => ({ ...alertCalled(`large-${n}`), message }))
  strictEqual(await target.send(large), '')
}

async function seeRevisions(url: string, index: Target): Promise<void> {
  for (const revision of [1, 4, 2]) strictEqual(await index.send([alertCalled('late', revision)]), '')
  const found = (await ask(url, 'GET', `${index.name}/_doc/late`)) as { _source: AlertV1; _version: number }
  strictEqual(`${found._version} ${found._source.weir.alert.revision}`, '4 4')
}

async function seeFound(index: Target): Promise<void> {
  const alert = { ...alertCalled('found'), source: { ip: '203.0.113.77', port: 443 } }
  alert.weir.alert.group = { 'source.ip': '203.0.113.77' }
  strictEqual(await index.send([alert]), '')
  for (const query of [
    { term: { 'source.ip': '203.0.113.64/26' } },
    { range: { 'source.port': { gte: 443, lt: 444 } } },
    { range: { 'event.start': { gte: '2026-03-01', lt: '2026-03-02' } } },
    { term: { 'weir.alert.group.source.ip': '203.0.113.77' } },
  ]) {
    const filter = [query, { term: { 'weir.alert.id': 'found' } }]
    strictEqual(await index.count({ bool: { filter } }), 1, JSON.stringify(query))
  }
}

async function seeWrongKind(url: string, stream: string): Promise<void> {
  const wrong = new Target(url, { index: stream })
  match(await wrong.send([alertCalled('c')]), /^SetupRefused/)
  const noAlias = new Target(url, { index: 'weir-alerts-x', requireAlias: true })
  match(await noAlias.send([alertCalled('d')]), /^SetupRefused/)
}

function alertCalled(id: string, revision = 1): AlertV1 {
  const [any] = fc.sample(anyAlert, { numRuns: 1, seed: 7 }) as unknown as [AlertV1]
  const time = '2026-03-01T10:00:00.000Z'
  const alert = { ...any, '@timestamp': time, event: { ...any.event, start: time, end: time } }
  return named(alert, id, { revision, group: {} })
}

function named(alert: AlertV1, id: string, more: Partial<AlertV1['weir']['alert']> = {}): AlertV1 {
  return { ...alert, weir: { alert: { ...alert.weir.alert, id, ...more } } }
}
