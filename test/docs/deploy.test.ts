import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readAggregatorConfig } from '@weir/aggregator'
import { readForwarderConfig } from '@weir/forwarder'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const TOKENS = {
  WEIR_FORWARDER_TOKEN: 'one',
  WEIR_ANALYST_TOKEN: 'two',
  WEIR_METRICS_TOKEN: 'three',
  WEIR_SPLUNK_TOKEN: 'four',
}

test('the example of an aggregator is a configuration', () => {
  const config = readAggregatorConfig(join(root, 'deploy/aggregator.json'), TOKENS)
  expect(config.sources.map((source) => source.type)).toEqual(['event-hubs', 'blobs'])
  expect(config.store.storeBytesMax).toBe(50e9)
})

test('the example of a forwarder is a configuration, of every output', () => {
  const config = readForwarderConfig(join(root, 'deploy/forwarder.json'), TOKENS)
  expect(config.outputs.map((output) => output.type)).toEqual(['syslog', 'hec', 'file'])
})

test.each([
  ['aggregator', () => readAggregatorConfig(join(root, 'deploy/aggregator.json'), {})],
  ['forwarder', () => readForwarderConfig(join(root, 'deploy/forwarder.json'), {})],
])(
  'without its tokens the example of the %s is refused, so no example runs with a known secret',
  (_, read) => {
    expect(read).toThrow(/environment variable WEIR_FORWARDER_TOKEN is not set/)
  },
)

test('a forwarder of the example may ask the aggregator of the example', () => {
  const { api, forwarders } = readAggregatorConfig(join(root, 'deploy/aggregator.json'), TOKENS)
  for (const { name } of forwarders)
    expect(api.tokens.find((token) => token.name === name)?.role).toBe('forwarder')
})

describe.each(['aggregator', 'forwarder'])('the configuration of the %s', (side) => {
  const source = readFileSync(join(root, `packages/${side}/src/config.ts`), 'utf8')
  const keys = [
    ...source.matchAll(/(\w+): (?:z\.|size\b|duration\b|path\b|secret\b|name\b|port\b|url\b|printable\b)/g),
  ]
    .map((found) => found[1]!)
    .filter((key) => key !== 'file')
  const page = readFileSync(join(root, 'docs/operate.md'), 'utf8')

  test('has every key explained in docs/operate.md', () => {
    expect(new Set(keys).size).toBeGreaterThan(15)
    expect([...new Set(keys)].filter((key) => !new RegExp(`\`[\\w.]*\\b${key}\\b`).test(page))).toEqual([])
  })
})

test('each unit runs the side that it is named for, with the configuration beside it', () => {
  for (const side of ['aggregator', 'forwarder']) {
    const unit = readFileSync(join(root, `deploy/weir-${side}.service`), 'utf8')
    expect(unit).toContain(`weir.js ${side} --config /etc/weir/${side}.json`)
    expect(unit).toContain(`EnvironmentFile=/etc/weir/${side}.env`)
  }
})
