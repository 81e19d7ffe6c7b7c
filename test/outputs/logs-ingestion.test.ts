import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AlertV1 } from '@weir/contract'
import { type Child, readyLine, startChild } from '@weir/emulator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../e2e/until.ts'
import { WEIR, weir } from '../e2e/weir.ts'
import { type PushTarget, post, startPush } from '../ingest/push.ts'
import { CLIENT, type Entra, SECRET, startEntra, TENANT } from './entra.ts'

const DCR = 'dcr-0123456789abcdef0123456789abcdef'
const STREAM = 'Custom-WeirAlerts_CL'
const FORWARDER_TOKEN = 'a-token-for-the-forwarder'
const ENV = { WEIR_FORWARDER_TOKEN: FORWARDER_TOKEN, WEIR_ENTRA_SECRET: SECRET }

/** In the cloud: makes alerts, and holds them for one forwarder. */
let cloud: PushTarget
/** Where the alerts end: an aggregator that takes them as records. */
let far: PushTarget
let entra: Entra
let forwarder: Child<object>
const folder = mkdtempSync(join(tmpdir(), 'weir-logs-ingestion-'))

beforeAll(async () => {
  entra = await startEntra(join(folder, 'tls'))
  const { keysUrl } = entra
  const rules = { [DCR]: { [STREAM]: 'generic' } }
  far = await startPush({ logsIngestion: { tenantId: TENANT, clients: [CLIENT], rules, keysUrl } })
  far.weir.rule('far.json', rule('far.critical', '$.Severity', 'critical'))
  const token = { env: 'WEIR_FORWARDER_TOKEN' }
  const tokens = [
    { name: 'test', role: 'admin', token: { env: 'WEIR_TEST_TOKEN' } },
    { name: 'near', role: 'forwarder', token },
  ]
  cloud = await startPush({}, { forwarders: [{ name: 'near' }], api: { port: 0, tokens } }, ENV)
  cloud.weir.rule('cloud.json', rule('cloud.breach', '$.what', 'breach'))
  forwarder = await startForwarder()
})
afterAll(async () => {
  await forwarder?.stop()
  await cloud?.weir.stop()
  await far?.weir.stop()
  await entra?.stop()
  rmSync(folder, { recursive: true, force: true })
})

test('alerts of one aggregator are records of another, and its rules see their columns', async () => {
  await rulesInForce()
  const bodies = ['one', 'two', 'three'].map((user) => JSON.stringify({ what: 'breach', user }))
  await post(cloud, `[${bodies.join(',')}]`)
  const records = await until('the far side has an alert of each', async () => {
    const found = await alertsOf(far, 'far.critical')
    return found.length === 3 && found
  })
  const alerts = await alertsOf(cloud, 'cloud.breach')
  expect(records.map(({ message }) => message).sort()).toEqual(
    alerts.map(({ weir: { alert } }) => `${alert.id} of cloud.breach`).sort(),
  )
  const source = (await far.weir.source('push'))!
  expect(source).toMatchObject({ read: 3, normalized: 3, quarantined: 0 })
})

test('the doctor finds the way open', async () => {
  const config = join(folder, 'forwarder.json')
  const { stdout } = await weir(['doctor', '--config', config, '--json'], childEnv())
  expect(stdout).toContain('answers, and there is a token for it')
})

async function alertsOf({ weir: each }: PushTarget, rule: string): Promise<AlertV1[]> {
  return each.ask(async (client) => {
    const found: AlertV1[] = []
    for await (const { items } of client.alerts({ rule })) found.push(...items)
    return found
  })
}

/** Rules are read while the aggregator runs; a record that is pushed before is judged by none. */
async function rulesInForce(): Promise<void> {
  for (const { weir: each } of [cloud, far])
    await until('the rule is in force', async () => {
      const { rules } = await each.ask((client) => client.rules())
      return rules.length === 1
    })
}

function rule(id: string, path: string, value: string): object {
  return {
    id,
    name: id,
    severity: 'critical',
    dataset: ['generic'],
    conditions: { all: [{ fact: 'record', path, operator: 'equal', value }] },
    event: { type: 'impact', params: { message: '{{record.AlertId}} of {{record.RuleId}}' } },
  }
}

function childEnv(): Record<string, string> {
  return { ...ENV, NODE_EXTRA_CA_CERTS: entra.ca }
}

function startForwarder(): Promise<Child<object>> {
  const file = join(folder, 'forwarder.json')
  const auth = {
    credential: 'client-secret',
    tenantId: TENANT,
    clientId: CLIENT,
    secret: { env: 'WEIR_ENTRA_SECRET' },
    authority: entra.authority,
  }
  const output = { type: 'logs-ingestion', name: 'far', endpoint: far.url, ruleId: DCR, stream: STREAM, auth }
  const config = {
    aggregators: [{ name: 'cloud', url: cloud.weir.url, token: { env: 'WEIR_FORWARDER_TOKEN' } }],
    spool: { path: 'spool.sqlite' },
    outputs: [output],
  }
  writeFileSync(file, JSON.stringify(config))
  return startChild({
    name: 'forwarder',
    script: WEIR,
    args: ['forwarder', '--config', file],
    env: childEnv(),
    logFile: join(folder, 'log'),
    ready: readyLine,
  })
}
