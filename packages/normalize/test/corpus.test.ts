import type { JsonObject } from '@weir/model'
import { describe, expect, test } from 'vitest'
import { classify, identityOf, repeatKey, toEcs, type Unwrapped, unwrap } from '../src/index.ts'
import { CORPUS, eventsIn, filesIn, read } from './corpus.ts'

describe.skipIf(CORPUS === undefined)('published records', () => {
  test('a unified audit export: 4,804 records, 1,672 of them repeats', () => {
    const unwrapped = unwrap(read('o365-split', 'public.ndjson'))
    expect(unwrapped.records).toHaveLength(4804)
    expect(unwrapped.quarantined).toHaveLength(0)
    expect(repeatKeys(unwrapped).size).toBe(3132)
    expect(new Set(eventsIn(unwrapped).map(identityOf)).size).toBe(3132)
    expect(datasetsOf(unwrapped)).toEqual({ 'o365.audit': 4804 })
  })

  test('CloudTrail objects: 2,900 records, no repeats', () => {
    const keys = new Set<string>()
    let count = 0
    for (const file of filesIn('invictus-aws', 'CloudTrail')) {
      const unwrapped = unwrap(read('invictus-aws', 'CloudTrail', file))
      expect(unwrapped.quarantined).toHaveLength(0)
      expect(Object.keys(datasetsOf(unwrapped))).toEqual(['aws.cloudtrail'])
      count += unwrapped.records.length
      for (const key of repeatKeys(unwrapped)) keys.add(key)
      for (const event of eventsIn(unwrapped)) expect(event.time).toBeGreaterThan(Date.UTC(2023, 0))
    }
    expect([count, keys.size]).toEqual([2900, 2900])
  })

  test('a flow-log blob: 15 records, 8,203 flows, each with its own identity', () => {
    const unwrapped = unwrap(read('pt1h-real', 'danifitz-nsg', 'PT1H.json'))
    const events = eventsIn(unwrapped)
    expect(unwrapped.records).toHaveLength(15)
    expect(events).toHaveLength(8203)
    expect(new Set(events.map(identityOf)).size).toBe(8203)
    const document = toEcs(events[0] as (typeof events)[number])
    expect(document).toMatchObject({
      source: { ip: '10.1.0.4', port: 52246 },
      destination: { ip: '20.38.107.36', port: 443 },
      network: { transport: 'tcp', direction: 'outbound' },
    })
  })

  test.each([
    ['galawin59-keyvault/PT1H.json', 4, { 'azure.keyvault': 4 }],
    ['rayaroun-metrics/data/PT1H.json', 241, { 'azure.platformlogs': 241 }],
    ['codewithgs-activitylog/PT1H.json', 78, { 'azure.platformlogs': 78 }],
    ['codewithgs-activitylog/ActivityLog-01.json', 5436, { generic: 5436 }],
  ])('%s', (file, records, datasets) => {
    const unwrapped = unwrap(read('pt1h-real', ...file.split('/')))
    expect(unwrapped.records).toHaveLength(records)
    expect(unwrapped.quarantined).toHaveLength(0)
    expect(datasetsOf(unwrapped)).toEqual(datasets)
    expectTrueBytes(unwrapped)
  })

  test('firewall sentences: each tells who asked whom, and what became of it', () => {
    const events = eventsIn(unwrap(read('elastic-excerpts', 'firewall-networkrules-raw.log')))
    const told = events.map(({ dataset, record }) =>
      ['azure.firewall_logs.action', 'source.ip', 'destination.address', 'rule.name'].map((name) =>
        dataset.fields.get(name)?.read(record),
      ),
    )
    expect(told).toEqual([
      ['deny', '192.168.0.2', '89.160.20.156', undefined],
      ['allow', '192.168.0.2', '89.160.20.156', undefined],
      ['deny', '192.168.0.2', '89.160.20.156', undefined],
      ['dnat', '192.168.0.2', '89.160.20.156', undefined],
      ['dnat', '192.168.0.2', '89.160.20.156', 'rule'],
      ['drop', '192.168.0.2', '175.16.199.1', undefined],
      ['alert', '192.168.0.2', '175.16.199.1', undefined],
      ['deny', '192.168.0.2', 'ocsp.sca1b.amazontrust.com', undefined],
      ['allow', '192.168.0.2', '89.160.20.156', 'Permit_RFC1918'],
    ])
  })

  test('one file per API call: 584 files, 563 records, every one normalized', () => {
    const folder = ['traildiscover', 'docs', 'logExamples'] as const
    const files = filesIn(...folder).filter((file) => file.endsWith('.cloudtrail'))
    expect(files).toHaveLength(584)
    let count = 0
    for (const file of files) {
      const unwrapped = unwrap(read(...folder, file))
      expect(unwrapped.quarantined).toHaveLength(0)
      count += datasetsOf(unwrapped)['aws.cloudtrail'] ?? 0
      expectTrueBytes(unwrapped)
      for (const event of eventsIn(unwrapped)) expect(toEcs(event)).toHaveProperty('event.action')
    }
    expect(count).toBe(563)
  })

  test('samples beside detection rules normalize without a throw, in datasets of ours', () => {
    const counts: Record<string, number> = {}
    let repaired = 0
    let unreadable = 0
    for (const sample of ruleSamples()) {
      const unwrapped = unwrap(Buffer.from(sample))
      repaired += unwrapped.repaired
      unreadable += unwrapped.quarantined.length
      for (const event of eventsIn(unwrapped)) {
        toEcs(event)
        counts[event.dataset.name] = (counts[event.dataset.name] ?? 0) + 1
      }
    }
    expect({ ...counts, repaired, unreadable }).toMatchInlineSnapshot(`
      {
        "aws.cloudtrail": 141,
        "azure.activitylogs": 104,
        "azure.auditlogs": 11,
        "azure.signinlogs": 12,
        "azure.storage": 3,
        "generic": 81,
        "repaired": 185,
        "unreadable": 10,
      }
    `)
  })
})

describe.skipIf(CORPUS === undefined)('malformed records', () => {
  const cases = CORPUS === undefined ? [] : sanitizeCases()

  test.each(cases.map((each) => [each.name, each] as const))('%s', (_name, each) => {
    const unwrapped = unwrap(Buffer.from(each.input))
    expect(unwrapped.quarantined).toHaveLength(0)
    const expected = each.expected_text ? 1 : (each.expected_count ?? each.expected_fields?.length ?? 0)
    expect(unwrapped.records).toHaveLength(expected)
    // A raw newline within a string is kept, escaped, where the sample's authors drop it.
    if (each.expected_text) expect(trimmed(unwrapped.records[0])).toEqual(JSON.parse(each.expected_text))
    for (const [i, fields] of (each.expected_fields ?? []).entries())
      for (const [path, value] of Object.entries(fields))
        expect(unwrapped.records[i]).toHaveProperty(path, value)
    for (const i of unwrapped.records.keys()) expect(each.input).toContain(utf8(unwrapped.bytesOf(i)))
  })

  test.each([
    ['platformlogs-malformed-json.log', 1],
    ['platformlogs-invalid-json-raw.log', 0],
  ])('%s has its properties as an object', (file, repaired) => {
    const unwrapped = unwrap(read('elastic-excerpts', file))
    expect(unwrapped.records).toHaveLength(1)
    expect(unwrapped.repaired).toBe(repaired)
    expect(unwrapped.records[0]).toHaveProperty('properties.level', 'Information')
    expect(utf8(unwrapped.bytesOf(0))).toBe(utf8(read('elastic-excerpts', file)).trim())
  })
})

function repeatKeys(unwrapped: Unwrapped): ReadonlySet<string> {
  return new Set(
    unwrapped.records.map((record, i) =>
      JSON.stringify(repeatKey(record, classify(record), () => unwrapped.bytesOf(i))),
    ),
  )
}

function datasetsOf(unwrapped: Unwrapped): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const record of unwrapped.records) {
    const { name } = classify(record)
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

/** Each record's bytes, read alone, are that record. */
function expectTrueBytes(unwrapped: Unwrapped): void {
  for (const [i, record] of unwrapped.records.entries())
    expect(JSON.parse(utf8(unwrapped.bytesOf(i)))).toEqual(record)
}

function utf8(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString()
}

interface SanitizeCase {
  readonly name: string
  readonly input: string
  readonly expected_text?: string
  readonly expected_count?: number
  readonly expected_fields?: readonly JsonObject[]
}

function sanitizeCases(): readonly SanitizeCase[] {
  return JSON.parse(utf8(read('elastic-excerpts', 'sanitize-cases.json')))
}

function trimmed(record: JsonObject | undefined): JsonObject {
  const members = Object.entries(record ?? {})
  return Object.fromEntries(
    members.map(([key, value]) => [key, typeof value === 'string' ? value.trim() : value]),
  )
}

/** The samples that stand between braces in rule files: JSON, JSON with commas to spare, and what only YAML reads. */
function ruleSamples(): readonly string[] {
  const folder = ['panther-analysis', 'rules'] as const
  return filesIn(...folder).flatMap((kind) =>
    filesIn(...folder, kind)
      .filter((file) => file.endsWith('.yml'))
      .flatMap((file) => [...utf8(read(...folder, kind, file)).matchAll(SAMPLE)])
      .map((found) => found[2] as string),
  )
}

/** What is indented more deeply than its `Log:` and begins with a brace. */
const SAMPLE = /^( *)Log:\s*(\{.*(?:\n(?:\1 +.*| *))*)/gm
