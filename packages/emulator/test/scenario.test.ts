import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { isObject, type JsonObject } from '@weir/model'
import { expect, test } from 'vitest'
import { createScenario, type Delivery, type Scenario } from '../src/scenario/index.ts'

const END = Date.UTC(2026, 4, 4, 12)
const SMALL = { end: END, hours: 6, records: 3_000 }

function bytesOf(delivery: Delivery): Buffer {
  switch (delivery.kind) {
    case 'hub':
      return delivery.body
    case 'append':
      return delivery.bytes
    case 'flow':
      return delivery.block
    default:
      return delivery satisfies never
  }
}

function hashOf(scenario: Scenario): string {
  const hash = createHash('sha256')
  for (const delivery of scenario.deliveries()) hash.update(`${delivery.at}`).update(bytesOf(delivery))
  return hash.digest('hex')
}

/** Everything that was handed over, as readers would join it: messages, and whole blobs. */
function textsOf(scenario: Scenario): string[] {
  const messages: string[] = []
  const blobs = new Map<string, string>()
  for (const delivery of scenario.deliveries()) {
    const bytes = bytesOf(delivery)
    if (delivery.kind === 'hub') messages.push(plain(bytes).toString())
    else
      blobs.set(
        delivery.blob,
        (blobs.get(delivery.blob) ?? '') + bytes.toString() + (delivery.kind === 'flow' ? '\n' : ''),
      )
  }
  return [...messages, ...blobs.values()]
}

function plain(bytes: Buffer): Buffer {
  if (bytes[0] !== 0x1f) return bytes
  try {
    return gunzipSync(bytes)
  } catch {
    return Buffer.from('truncated')
  }
}

/** Objects by their brackets, whole ones and the rest of one that never ends. */
function objectsIn(text: string): string[] {
  const found: string[] = []
  const body = text.replace(/^\{"[rR]ecords":\[/, '').replace(/^\[/, '')
  let depth = 0
  let quoted = false
  let start = 0
  for (let at = 0; at < body.length; at++) {
    const char = body[at]
    if (quoted && char === '\\') at++
    else if (char === '"') quoted = !quoted
    else if (!quoted && char === '{' && depth++ === 0) start = at
    else if (!quoted && char === '}' && --depth === 0) found.push(body.slice(start, at + 1))
  }
  return found
}

interface Count {
  readonly good: JsonObject[]
  readonly damaged: string[]
}

function read(scenario: Scenario): Count {
  const good: JsonObject[] = []
  const damaged: string[] = []
  for (const text of textsOf(scenario)) {
    const pieces = text.startsWith('{"time"') ? text.trimEnd().split('\n').flatMap(lineOf) : objectsIn(text)
    for (const piece of pieces.length === 0 ? [text] : pieces) {
      const value = parsed(piece)
      if (isObject(value)) good.push(value)
      else damaged.push(piece)
    }
  }
  return { good, damaged }
}

/** A line of a flow blob holds several records. */
function lineOf(line: string): string[] {
  return parsed(line) === undefined && objectsIn(line).length > 0 ? objectsIn(line) : [line]
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

test('the same seed gives the same bytes, another seed others', () => {
  expect(hashOf(createScenario(3, SMALL))).toBe(hashOf(createScenario(3, SMALL)))
  const scenario = createScenario(3, SMALL)
  expect(hashOf(scenario)).toBe(hashOf(scenario))
  expect(hashOf(createScenario(4, SMALL))).not.toBe(hashOf(scenario))
})

test('what is handed over is what was promised', () => {
  const scenario = createScenario(5, SMALL)
  const { good, damaged } = read(scenario)
  const { totals } = scenario
  const records = [...scenario.deliveries()].reduce((sum, delivery) => sum + delivery.records, 0)
  expect(records).toBe(totals.records)
  expect(good.length + damaged.length).toBe(totals.records)
  expect(damaged.length).toBe(totals.repairable + totals.unreadable)
  expect(new Set(good.map((each) => JSON.stringify(each))).size).toBe(good.length - totals.duplicates)
  expect(totals.records).toBeGreaterThan(SMALL.records * 0.95)
  expect(totals.records).toBeLessThan(SMALL.records * 1.05)
  expect(totals.late).toBeGreaterThan(10)
})

test('each kind of damage is there', () => {
  const { damaged } = read(createScenario(5, SMALL))
  const has = (mark: RegExp): boolean => damaged.some((each) => mark.test(each))
  expect(has(/Functions\.Run'\n\(/)).toBe(true)
  expect(has(/\{'appName'/)).toBe(true)
  expect(has(/,\}$/)).toBe(true)
  expect(has(/\[227 B blob data\]/)).toBe(true)
  expect(has(/"properties":undefined/)).toBe(true)
  expect(has(/"category":"AuditEvent".*[^}]$/)).toBe(true)
  expect(has(/^<html>/)).toBe(true)
  expect(has(/^truncated$/)).toBe(true)
})

test.each([1, 2, 3])('every planted event occurs exactly as promised (seed %i)', (seed) => {
  const scenario = createScenario(seed, SMALL)
  const all = textsOf(scenario).join('\n')
  expect(scenario.planted.map(({ id }) => id)).toEqual([
    'password-spray',
    'spray-success',
    'mfa-method-added',
    'role-granted',
    'sp-credential-added',
    'keyvault-mass-read',
    'diagnostic-setting-deleted',
    'data-taken',
    'cloudtrail-stopped',
    'aws-key-created',
    'port-scan',
    'inbox-forward-rule',
    'mass-delete',
  ])
  for (const { id, eventIds, occurrences, entity, first, last } of scenario.planted) {
    const found = eventIds.map((text) => all.split(text).length - 1)
    expect(Math.min(...found), id).toBeGreaterThan(0)
    expect(
      found.reduce((sum, count) => sum + count, 0),
      id,
    ).toBe(occurrences)
    expect(all, id).toContain(entity)
    expect(first).toBeGreaterThan(END - SMALL.hours * 3_600_000)
    expect(last).toBeLessThan(END - 1_800_000)
  }
})

const ENVELOPES: readonly (readonly [mark: string, fields: readonly string[]])[] = [
  ['category', ['time', 'category', 'operationName']],
  ['eventName', ['eventVersion', 'eventTime', 'eventSource', 'userIdentity', 'awsRegion', 'eventID']],
  ['Operation', ['CreationTime', 'Id', 'RecordType', 'UserId', 'Workload', 'OrganizationId']],
]

test('every readable record has the fields of its envelope, and its time lies in the span', () => {
  const { good } = read(createScenario(6, SMALL))
  for (const record of good) {
    const envelope = ENVELOPES.find(([mark]) => mark in record)
    expect(envelope, JSON.stringify(record)).toBeDefined()
    for (const field of envelope![1]) expect(record[field], field).toBeDefined()
    const time = String(record['time'] ?? record['eventTime'] ?? `${record['CreationTime']}Z`)
    const at = Date.parse(time.includes('/') ? `${time} UTC` : time)
    expect(at).toBeGreaterThanOrEqual(END - SMALL.hours * 3_600_000 - 1_000)
    expect(at).toBeLessThanOrEqual(END)
  }
})

test('deliveries come in order, none later than the end, none too large for a hub', () => {
  let before = 0
  for (const delivery of createScenario(6, SMALL).deliveries()) {
    expect(delivery.at).toBeGreaterThanOrEqual(before)
    expect(delivery.at).toBeLessThanOrEqual(END)
    expect(bytesOf(delivery).length).toBeLessThan(256_000)
    before = delivery.at
  }
})

test('the size of a whole one: fifty thousand records', () => {
  const scenario = createScenario(1, { end: END, hours: 6, records: 50_000 })
  let rawBytes = 0
  for (const delivery of scenario.deliveries()) rawBytes += delivery.rawBytes
  expect(scenario.totals.records).toBeGreaterThan(48_000)
  expect(scenario.totals.records).toBeLessThan(52_000)
  expect(rawBytes).toBeGreaterThan(55_000_000)
  expect(rawBytes).toBeLessThan(85_000_000)
})
