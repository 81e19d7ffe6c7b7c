import { parseConfig } from '@weir/runtime'
import { describe, expect, test } from 'vitest'
import { sourceSchema } from '../src/sources.ts'

const AUTH = { kind: 'entra', credential: 'managed-identity' }
const GRAPH = { type: 'graph', name: 'graph', auth: AUTH }
const O365 = { type: 'o365', name: 'm365', auth: AUTH, tenantId: '5f6d0e8a-3f0b-4c6e-9a51-6a3a1f2b7c10' }
const BLOBS = {
  type: 'blobs',
  name: 'blobs',
  auth: { ...AUTH, accountUrl: 'https://a.blob.core.windows.net' },
}
const CONTAINER = { container: 'insights', kind: 'append' }
const HUBS = {
  type: 'event-hubs',
  name: 'hubs',
  auth: { ...AUTH, namespace: 'contoso.servicebus.windows.net' },
}
const ENVIRONMENT = { APP_SECRET: 'a secret' }

function read(source: object) {
  return parseConfig('aggregator.json', source, sourceSchema, ENVIRONMENT)
}

describe('a source that polls', () => {
  test.each([
    ['with what cannot be left out', GRAPH],
    ['with what cannot be left out', O365],
    ['as far back as a tenant keeps anything', { ...GRAPH, first: '30d', overlap: '30d', retention: '7d' }],
    ['as far back as the service lists', { ...O365, first: '7d', overlap: '7d', window: '24h' }],
    ['two containers', { ...BLOBS, containers: [CONTAINER, { ...CONTAINER, container: 'other' }] }],
    ['two hubs', { ...HUBS, hubs: ['a', 'b'] }],
    ['in a sovereign cloud', { ...GRAPH, root: 'https://graph.microsoft.us' }],
    ['beta kinds of sign-ins alone', { ...GRAPH, streams: [], betaSignIns: ['servicePrincipal'] }],
  ])('%s: %j', (_, source) => {
    expect(read(source)).toMatchObject({ name: source.name })
  })

  test.each([
    ['further back than any tenant keeps', { ...GRAPH, first: '31d' }, 'at most "30d"'],
    ['more than a page holds', { ...GRAPH, pageRecords: 1_001 }, 'pageRecords'],
    ['no stream at all', { ...GRAPH, streams: [] }, 'at least one'],
    ['without a rest between two looks', { ...GRAPH, pollEvery: '0s' }, 'never rest'],
    ['without a rest between two tries', { ...O365, retryFirst: '0ms' }, 'never rest'],
    ['a hub twice', { ...HUBS, hubs: ['a', 'a'] }, 'a hub is named twice'],
    ['a stream twice', { ...GRAPH, streams: ['signIns', 'signIns'] }, 'twice'],
    ['further back than the service lists', { ...O365, overlap: '8d' }, 'at most "7d"'],
    ['longer than the service lists at once', { ...O365, window: '25h' }, '24h'],
    ['a tenant that is no GUID', { ...O365, tenantId: 'contoso' }, 'tenantId'],
    ['a content type that is none', { ...O365, contentTypes: ['Audit.Everything'] }, 'contentTypes'],
    ['a content type twice', { ...O365, contentTypes: ['DLP.All', 'DLP.All'] }, 'twice'],
    [
      'a container twice, though with other prefixes',
      { ...BLOBS, containers: [CONTAINER, { ...CONTAINER, prefixes: ['a/'] }] },
      'twice',
    ],
    ['a secret in the file itself', { ...O365, auth: { ...AUTH, secret: 'plain' } }, 'auth.secret'],
    [
      'a secret that is not there',
      { ...O365, auth: { ...AUTH, secret: { env: 'NONE' } } },
      'NONE is not set',
    ],
  ])('%s is refused', (_, source, words) => {
    expect(() => read(source)).toThrow(words)
  })

  test('an application’s secret comes by reference, and is not printed', () => {
    const secret = { env: 'APP_SECRET' }
    const config = read({ ...O365, auth: { ...AUTH, credential: 'client-secret', secret } })
    expect(JSON.stringify(config)).toContain('[secret]')
    expect(JSON.stringify(config)).not.toContain('a secret')
  })
})
