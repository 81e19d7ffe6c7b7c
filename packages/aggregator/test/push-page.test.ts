import { execFile, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { parseConfig } from '@weir/runtime'
import { OAuth2Server } from 'oauth2-mock-server'
import { expect, test } from 'vitest'
import { PUSH } from '../src/sources/push.ts'
import { PushKit } from './push-kit.ts'

const page = readFileSync(new URL('../../../docs/sources/push.md', import.meta.url), 'utf8')

function blocks(language: string): string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map((found) => found[1]!)
}

const WORKSPACE_KEY = Buffer.from('a key of no workspace').toString('base64')
const SECRETS = { WORKSPACE_KEY, WEIR_PUSH_TOKEN: 'a-token-to-push-with' }
const example = JSON.parse(blocks('json')[0]!)

test('the example of the page is a configuration, and the table explains every key', () => {
  const config = parseConfig('page.json', example, PUSH.schema, SECRETS)
  expect(config).toMatchObject({ type: 'push', port: 8444 })
  const ways = ['dataCollector', 'logsIngestion', 'ingest'] as const
  const keys = [
    ...Object.keys(PUSH.schema.shape).filter((key) => !['type', 'name', ...ways].includes(key)),
    ...ways.flatMap((way) =>
      Object.keys(PUSH.schema.shape[way].unwrap().shape).map((key) => `${way}.${key}`),
    ),
  ]
  expect(keys.length).toBeGreaterThan(15)
  expect(keys.filter((key) => !new RegExp(`^\\| .*\`${key}\``, 'm').test(page))).toEqual([])
})

const tools = ['curl', 'openssl'].every((tool) => spawnSync(tool, ['--version']).status !== null)

test.skipIf(!tools)('the shell lines of the page push what they say', async () => {
  const entra = new OAuth2Server()
  await entra.issuer.keys.generate('RS256')
  await entra.start(0, '127.0.0.1')
  const { tls: _, ...rest } = example
  const logsIngestion = { ...example.logsIngestion, keysUrl: `${entra.issuer.url}/jwks` }
  const kit = await PushKit.open({ ...rest, host: '127.0.0.1', port: 0, logsIngestion }, SECRETS)
  const TOKEN = await entra.issuer.buildToken({
    scopesOrTransform: (_, payload) =>
      Object.assign(payload, {
        iss: `https://sts.windows.net/${example.logsIngestion.tenantId}/`,
        aud: 'https://monitor.azure.com',
        appid: example.logsIngestion.clients[0],
      }),
  })
  const env = {
    ...process.env,
    ...SECRETS,
    TOKEN,
    WORKSPACE_ID: example.dataCollector.workspaceId,
    WEIR_PUSH_URL: kit.url,
    no_proxy: '127.0.0.1',
  }
  const answers: string[] = []
  for (const script of blocks('sh'))
    answers.push((await promisify(execFile)('sh', ['-euc', script], { env })).stdout)
  await kit.close()
  await entra.stop()
  expect(answers).toEqual(['', '', '{"records":2,"unreadable":0}'])
  const ada = { user: 'ada', result: 'failure' }
  expect(kit.records).toEqual([
    { ...ada, time: '2026-01-02T03:04:05Z', TimeGenerated: '2026-01-02T03:04:05Z', Type: 'MyLog_CL' },
    { ...ada, TimeGenerated: '2026-01-02T03:04:05Z', Type: 'App_CL' },
    { time: '2026-01-02T03:04:05Z', user: 'ada' },
    { time: '2026-01-02T03:04:06Z', user: 'bob' },
  ])
})
