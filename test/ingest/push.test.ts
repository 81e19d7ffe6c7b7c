import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AlertV1 } from '@weir/contract'
import { expect, test } from 'vitest'
import { until } from '../e2e/until.ts'
import { type PushTarget, post, sendUntilTaken, startPush } from './push.ts'

const WORKSPACE = '0a1b2c3d-0000-4000-8000-00000000abcd'
const KEY = Buffer.from('a key of no workspace').toString('base64')

const rule = {
  id: 'own.refused',
  name: 'Refused by our own application',
  severity: 'high',
  dataset: ['generic'],
  conditions: {
    all: [
      { fact: 'record', path: '$.Type', operator: 'equal', value: 'OurApp_CL' },
      { fact: 'record', path: '$.result', operator: 'equal', value: 'refused' },
    ],
  },
  event: { type: 'credential-access', params: { message: '{{user.name}} was refused' } },
}

/** What a script for a Log Analytics workspace sends. */
function collect(url: string, logType: string, body: string): Promise<Response> {
  const date = new Date().toUTCString()
  const text = `POST\n${Buffer.byteLength(body)}\napplication/json\nx-ms-date:${date}\n/api/logs`
  const mac = createHmac('sha256', Buffer.from(KEY, 'base64')).update(text).digest('base64')
  const headers = {
    Authorization: `SharedKey ${WORKSPACE}:${mac}`,
    'Content-Type': 'application/json',
    'Log-Type': logType,
    'x-ms-date': date,
    'time-generated-field': 'seen',
  }
  return fetch(`${url}/api/logs?api-version=2016-04-01`, { method: 'POST', headers, body })
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

async function alertsOf({ weir }: PushTarget, id: string): Promise<AlertV1[]> {
  const pages = await weir.ask((client) => all(client.alerts({ rule: id })))
  return pages.flatMap(({ items }) => items)
}

test('what a script sends becomes an alert that keeps its table, its time and its bytes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-push-rules-'))
  writeFileSync(join(folder, 'refused.json'), JSON.stringify(rule))
  const dataCollector = { workspaceId: WORKSPACE, keys: [{ env: 'WORKSPACE_KEY' }] }
  const target = await startPush({ dataCollector }, { rules: { folders: [folder] } }, { WORKSPACE_KEY: KEY })
  const seen = '2026-01-02T03:04:05.000Z'
  const body = `[{"user":"ada","result":"refused","seen":"${seen}","n":12345678901234567890}]`
  expect((await collect(target.url, 'OtherApp', body)).status).toBe(200)
  expect((await collect(target.url, 'OurApp', body)).status).toBe(200)
  // An answer means that the alert is there as well: it is in the commit.
  const alerts = await alertsOf(target, rule.id)
  const evidence = await target.weir.ask((client) => all(client.evidence(alerts[0]!.weir.alert.id)))
  await target.weir.stop()
  rmSync(folder, { recursive: true })
  expect(alerts.map(({ message, weir }) => [message, weir.alert.first])).toEqual([['ada was refused', seen]])
  expect(evidence.map(({ bytes }) => Buffer.from(bytes!, 'base64').toString())).toEqual([
    `${body.slice(1, -2)},"TimeGenerated":"${seen}","Type":"OurApp_CL"}`,
  ])
})

test('a port that is taken raises an alert with its number, and is listened on once it is free', async () => {
  const holder = createServer().listen(0, '127.0.0.1')
  await once(holder, 'listening')
  const { port } = holder.address() as { port: number }
  const target = await startPush({ port }, {}, {}, async () => undefined)
  const raised = () =>
    target.weir.ask(async (client) => {
      const { raised: all } = await client.health()
      return all.find(({ code, subject }) => code === 'source-cut-off' && subject === 'push')
    })
  await until('the alert is raised', raised)
  const [alert] = await alertsOf(target, 'weir.health.source-cut-off')
  expect(alert?.message).toContain(`cannot listen on 127.0.0.1:${port}`)
  holder.close()
  await sendUntilTaken(() => post({ ...target, url: `http://127.0.0.1:${port}` }, '{"n":1}'))
  await until('the alert is cleared', async () => (await raised()) === undefined)
  await target.weir.stop()
})
