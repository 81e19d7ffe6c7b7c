import { readFileSync } from 'node:fs'
import { parseConfig, WeirError } from '@weir/runtime'
import { expect, test } from 'vitest'
import { sourceSchema } from '../src/sources.ts'

const PAGE = new URL('../../../docs/sources/syslog.md', import.meta.url)

function parse(source: object): unknown {
  return parseConfig('/etc/weir/aggregator.json', source, sourceSchema, {})
}

function mistakes(...listeners: readonly object[]): string {
  try {
    parse({ type: 'syslog', name: 'syslog', listeners })
    return 'none'
  } catch (error) {
    if (!(error instanceof WeirError)) throw error
    return error.message
  }
}

test('the configuration on the page is one', () => {
  const text = /```json\n(.*?)```/s.exec(readFileSync(PAGE, 'utf8'))![1]!
  const { listeners } = parse(JSON.parse(text)) as { listeners: readonly object[] }
  expect(listeners).toMatchObject([
    { transport: 'udp', host: '0.0.0.0', port: 514, format: 'syslog', zone: 'Europe/Stockholm' },
    { transport: 'tcp', port: 601, framing: 'auto', zone: 'UTC' },
    { transport: 'tls', tls: { cert: '/etc/weir/server.pem' } },
    { transport: 'tcp', format: 'json' },
  ])
})

test.each([
  ['no listener', [], 'listeners'],
  ['a zone that is none', [{ transport: 'udp', zone: 'Mars' }], 'listeners.0.zone: an IANA time zone'],
  ['TLS without a certificate', [{ transport: 'tls' }], 'listeners.0.tls'],
  ['framing of datagrams', [{ transport: 'udp', framing: 'lines' }], 'unknown key "framing"'],
  ['port 0', [{ transport: 'tcp', port: 0 }], 'listeners.0.port'],
  ['the same port twice', [{ transport: 'udp' }, { transport: 'udp' }], 'two listeners have the same name'],
])('%s is a mistake that is told with its place', (_, listeners, told) => {
  expect(mistakes(...listeners)).toContain(told)
})

test.each([
  [{ transport: 'udp' }, { transport: 'tcp', port: 514 }],
  [{ transport: 'udp', zone: '+02:00' }],
  [
    { transport: 'udp', host: '10.0.0.1', name: 'a' },
    { transport: 'udp', host: '10.0.0.2', name: 'b' },
  ],
])('%j is none', (...listeners) => {
  expect(mistakes(...listeners)).toBe('none')
})
