import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseConfig } from '@weir/runtime'
import { expect, test } from 'vitest'
import { doctor, forwarderConfig } from '../src/index.ts'
import { read, setting } from './bench.ts'
import { FeedStandIn } from './support/aggregator.ts'
import { Collector } from './support/collector.ts'
import { SyslogReceiver } from './support/receiver.ts'

const CLOUD = { name: 'cloud', url: 'http://x', token: { env: 'PATH' } }
const SIEM = { type: 'syslog', name: 'siem', host: 'siem.example.org', port: 6514 }
const FILE = { type: 'file', name: 'a', path: 'alerts.jsonl' }
const HEC = { type: 'hec', name: 'splunk', token: { env: 'PATH' } }

test('a small configuration is enough, and the rest has defaults', () => {
  const { spool, outputs, log } = read(setting({ url: 'https://weir.example.org' }, [SIEM]))
  expect(spool.bytesMax).toBe(10e9)
  expect(log.level).toBe('error')
  expect(outputs[0]).toMatchObject({
    transport: 'tls',
    framing: 'octet',
    hostname: 'weir',
    facility: 16,
    sizeMax: 8000,
  })
})

test.each([
  ['over TLS', {}, 8000],
  ['for LEEF', { format: 'leef1' }, 4000],
  ['over UDP', { transport: 'udp' }, 1400],
  ['over UDP, whatever the format', { transport: 'udp', format: 'leef2' }, 1400],
  ['as configured', { transport: 'udp', sizeMax: '2KB' }, 2000],
])('a syslog message has so many bytes at most %s', (_, part, sizeMax) => {
  const { outputs } = read(setting({ url: 'https://weir.example.org' }, [{ ...SIEM, ...part }]))
  expect(outputs[0]).toMatchObject({ sizeMax })
})

test.each([
  ['by itself', '^', '^'],
  ['by its number', '0x5E', '^'],
  ['as a tab, when nothing is said', undefined, '\t'],
])('a delimiter is named %s', (_, delimiter, meant) => {
  const of = { ...SIEM, format: 'leef2', ...(delimiter === undefined ? {} : { delimiter }) }
  expect(read(setting({ url: 'https://weir.example.org' }, [of])).outputs[0]).toMatchObject({
    delimiter: meant,
  })
})

test('paths are those beside the file, and no secret is printed', () => {
  const of = setting({ url: 'https://weir.example.org' }, [SIEM])
  const config = read(of)
  expect(config.spool.path).toBe(join(of.folder, 'spool.sqlite'))
  expect(JSON.stringify(config)).not.toContain('a-token-for-tests')
})

test('every mistake is told at once, with its place', () => {
  const wrong = {
    aggregators: [{ name: 'eu', url: 'weir.example.org', token: { env: 'NOT_SET' }, cert: 'client.pem' }],
    spool: { path: 'spool.sqlite', bytesMax: 'much' },
    outputs: [
      { ...SIEM, port: 99_999, framing: 'crlf' },
      { type: 'pigeon', name: 'x' },
    ],
    surprise: true,
  }
  const failure = messageFrom(wrong)
  for (const place of [
    'aggregators.0.url',
    'aggregators.0.token: environment variable NOT_SET is not set',
    'spool.bytesMax',
    'outputs.0.port',
    'outputs.0.framing',
    'outputs.1.type',
    'unknown key "surprise"',
  ])
    expect(failure).toContain(place)
})

test.each([
  ['half an identity', { cert: 'client.pem' }, '"cert" and "key" go together'],
  ['a message size that identifies nothing', { sizeMax: '500B' }, 'at least 1024 bytes'],
  ['a datagram that is none', { transport: 'udp', sizeMax: '66KB' }, 'at most 65000 bytes over UDP'],
  ['a delimiter where nothing is parted by one', { delimiter: '^' }, 'for the format "leef2" alone'],
  ['a delimiter that is in every key', { format: 'leef2', delimiter: '0x61' }, 'a code such as 0x09'],
  ['a delimiter that is in every value', { format: 'leef2', delimiter: '.' }, 'a code such as 0x09'],
  ['a zone that nobody knows', { zone: 'Mars/Olympus' }, 'a time zone such as'],
  ['a mark that RFC 3164 has no place for', { header: 'rfc3164', bom: true }, 'for the header "rfc5424"'],
  [
    'certificates where no TLS is spoken',
    { transport: 'tcp', ca: 'ca.pem' },
    'for the transport "tls" alone',
  ],
  ['a host name with a space', { hostname: 'two words' }, 'printable ASCII'],
])('it refuses %s', (_, part, why) => {
  const { config } = setting({ url: 'https://weir.example.org' }, [{ ...SIEM, ...part }])
  expect(messageFrom({ ...config, aggregators: [CLOUD] })).toContain(why)
})

test.each([
  ['two outputs of one name', { outputs: [SIEM, SIEM] }, 'outputs: two outputs have the same name'],
  ['two outputs to one file', { outputs: [FILE, { ...FILE, name: 'b' }] }, 'write to the same file'],
  [
    'a login that nobody looks at',
    { outputs: [{ ...HEC, url: 'https://u:p@x' }] },
    'outputs.0.url: a name and',
  ],
  ['two aggregators of one name', { aggregators: [CLOUD, CLOUD] }, 'two aggregators have the same name'],
  ['no aggregator', { aggregators: [] }, 'aggregators: at least one aggregator'],
])('it refuses %s', (_, part, why) => {
  const { config } = setting(CLOUD, [SIEM])
  expect(messageFrom({ ...config, ...part })).toContain(why)
})

test('the doctor tells what can be reached and what cannot', async () => {
  const feed = new FeedStandIn()
  const collector = new Collector()
  const siem = new SyslogReceiver('octet')
  const [url, hecUrl, port] = [await feed.listen(), await collector.listen(), await siem.listen()]
  const here = { ...SIEM, host: '127.0.0.1', port }
  const of = setting({ url }, [
    { ...here, name: 'tcp', transport: 'tcp' },
    { ...here, name: 'gone', transport: 'tcp', port: 1 },
    { type: 'hec', name: 'splunk', url: hecUrl, token: { file: 'hec-token' } },
    { type: 'file', name: 'file', path: 'out/alerts.jsonl' },
  ])
  const checks = await doctor(read(of))
  await Promise.all([feed.close(), collector.close(), siem.close()])
  expect(checks.map(({ name, ok }) => `${name} ${ok}`)).toEqual([
    'aggregator cloud true',
    'spool true',
    'output tcp true',
    'output gone false',
    'output splunk true',
    'output file true',
  ])
  expect(checks[3]?.detail).toContain('ECONNREFUSED')
})

test.each([
  ['whose folders are missing', 'new/deep/spool.sqlite', true, 'is not there yet; it can be made'],
  ['whose folder is there', 'spool.sqlite', true, 'is not there yet; it can be made'],
  ['that is there', 'token', true, 'can be written'],
  ['beneath a file', 'token/spool.sqlite', false, 'token is no folder'],
  ['far beneath a file', 'token/deep/spool.sqlite', false, 'ENOTDIR'],
  ['that is a folder', 'folder', false, 'is no file'],
])('the doctor looks at a spool %s and makes nothing', async (_what, path, ok, words) => {
  const outputs = [{ type: 'file', name: 'file', path: 'out/alerts.jsonl' }]
  const of = setting({ url: 'http://127.0.0.1:1' }, outputs, { path })
  mkdirSync(join(of.folder, 'folder'))
  const before = contentsOf(of.folder)
  const [, spool, file] = await doctor(read(of))
  expect(spool).toMatchObject({ name: 'spool', ok, detail: expect.stringContaining(words) })
  expect(file).toMatchObject({
    ok: true,
    detail: expect.stringContaining('is not there yet; it can be made'),
  })
  expect(contentsOf(of.folder)).toEqual(before)
})

test('the doctor tells a wrong token', async () => {
  const feed = new FeedStandIn()
  const of = setting({ url: await feed.listen() }, [{ type: 'file', name: 'file', path: 'alerts.jsonl' }])
  writeFileSync(join(of.folder, 'token'), 'another')
  const [aggregator] = await doctor(read(of))
  await feed.close()
  expect(aggregator).toMatchObject({ ok: false, detail: expect.stringContaining('NO_TOKEN') })
})

/** Every file with its bytes, every folder by name. */
function contentsOf(folder: string): readonly (readonly [string, string])[] {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true })
  return entries.map((each) => {
    const path = join(each.parentPath, each.name)
    return [path, each.isFile() ? readFileSync(path, 'base64') : 'folder']
  })
}

function messageFrom(value: unknown): string {
  try {
    parseConfig('forwarder.json', value, forwarderConfig, { PATH: 'x' })
    return 'no mistake found'
  } catch (error) {
    return (error as Error).message
  }
}
