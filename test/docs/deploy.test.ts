import { readdirSync, readFileSync } from 'node:fs'
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

test('the example of a forwarder is a configuration, with outputs of three types', () => {
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

const KEY = /(\w+): (?:z\.|z$|size\b|duration\b|path\b|secret\b|name\b|port\b|url\b|printable\b)/gm

describe.each(configurations())('the configuration of $of', ({ source, page, keysMin }) => {
  const keys = new Set([...source.matchAll(KEY)].map((found) => found[1]!).filter((key) => key !== 'type'))

  test(`has every key explained in its page`, () => {
    expect(keys.size).toBeGreaterThan(keysMin)
    expect([...keys].filter((key) => !new RegExp(`\`[\\w.]*\\b${key}\\b`).test(page))).toEqual([])
  })
})

/** Both sides, and each type of output with its own page. */
function configurations() {
  const text = (path: string) => readFileSync(join(root, path), 'utf8')
  const sides = [
    { of: 'the aggregator', file: 'aggregator', keysMin: 15 },
    { of: 'the forwarder', file: 'forwarder', keysMin: 5 },
  ].map(({ file, ...rest }) => ({
    ...rest,
    source: text(`packages/${file}/src/config.ts`),
    page: text('docs/operate.md'),
  }))
  const folder = 'packages/forwarder/src/outputs'
  const outputs = readdirSync(join(root, folder), { withFileTypes: true })
    .filter((each) => each.isDirectory())
    .map(({ name }) => ({
      of: `output ${name}`,
      source: text(`${folder}/${name}/config.ts`),
      page: text(`docs/outputs/${name}.md`),
      keysMin: 1,
    }))
  return [...sides, ...outputs]
}

test('each unit runs the side that it is named for, with the configuration beside it', () => {
  for (const side of ['aggregator', 'forwarder']) {
    const unit = readFileSync(join(root, `deploy/weir-${side}.service`), 'utf8')
    expect(unit).toContain(`weir.js ${side} --config /etc/weir/${side}.json`)
    expect(unit).toContain(`EnvironmentFile=/etc/weir/${side}.env`)
  }
})
