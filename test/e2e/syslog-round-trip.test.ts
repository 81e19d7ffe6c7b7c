import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AlertV1 } from '@weir/contract'
import type { ForwarderFile } from '@weir/emulator'
import { SYSLOG_BOUNDS, syslogSource } from '@weir/ingest'
import { type Event, fieldOf, type RawMessage } from '@weir/model'
import { classify, eventsOf, unwrap } from '@weir/normalize'
import { createReport, systemClock } from '@weir/runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Recorder } from '../ingest/recorder.ts'
import { freePort } from '../ingest/syslog-sender.ts'
import { smallScenario, World } from './world.ts'

/** Every alert that a forwarder wrote as CEF, read back by the source that takes CEF: each by its own code. */
const FRAMINGS = ['octet', 'lf'] as const

const recorder = new Recorder()
let world: World

beforeAll(async () => {
  const ports = [await freePort(), await freePort()]
  const listener = {
    transport: 'tcp',
    framing: 'auto',
    host: '127.0.0.1',
    format: 'syslog',
    zone: 'UTC',
  } as const
  const listeners = FRAMINGS.map((name, i) => ({ ...listener, name, port: ports[i]! }))
  const deps = { clock: systemClock, report: createReport('silent'), random: Math.random }
  recorder.start(syslogSource({ ...SYSLOG_BOUNDS, drainMs: 20, name: 'weir', listeners }, deps))
  const forwarder = (usual: ForwarderFile): object => ({
    ...usual,
    outputs: [
      ...FRAMINGS.map((framing, i) => ({
        ...{ type: 'syslog', name: framing, host: '127.0.0.1', port: ports[i], transport: 'tcp' },
        ...{ framing, appName: framing, sizeMax: '60KB' },
      })),
      { type: 'file', name: 'file', path: 'alerts.ndjson' },
    ],
  })
  world = await World.start({ forwarder })
  await world.flow(smallScenario(101))
  await world.settled([...FRAMINGS, 'file'])
  await recorder.stop()
}, 120_000)
afterAll(() => world?.stop())

function eventsFrom(message: RawMessage): Event[] {
  const unwrapped = unwrap(message.bytes, message.format)
  const origin = {
    source: 'weir',
    partition: '',
    at: message.at,
    arrival: message.arrival,
    bytesOf: unwrapped.bytesOf,
  }
  const events: Event[] = []
  for (const [index, record] of unwrapped.records.entries())
    eventsOf(record, classify(record), origin, index, events)
  return events
}

function alerts(): AlertV1[] {
  const lines = readFileSync(join(world.folder, 'alerts.ndjson'), 'utf8').trimEnd().split('\n')
  return lines.map((line) => JSON.parse(line) as AlertV1)
}

test.each(FRAMINGS)('over %s framing every alert arrives, field by field', (framing) => {
  const events = recorder.batches
    .filter(({ partition }) => partition === framing)
    .flatMap(({ messages }) => messages.flatMap(eventsFrom))
  const sent = new Map(
    alerts().map((alert) => [`${alert.weir.alert.id} ${alert.weir.alert.revision}`, alert]),
  )
  expect(sent.size).toBeGreaterThan(5)
  const seen = new Set<string>()
  for (const event of events) {
    const record = event.record as { cef: { custom: Record<string, string> } }
    const key = `${fieldOf(event, 'cef.external_id')} ${record.cef.custom['revision']}`
    const alert = sent.get(key)
    // A revision that a later one replaced may have gone to one output alone.
    if (alert === undefined) continue
    seen.add(key)
    expect(asFields(event), key).toEqual(expected(alert, framing))
    expect(event.time).toBe(Date.parse(alert['@timestamp']))
  }
  expect(seen.size).toBeGreaterThan(5)
})

const SEVERITY = { informational: 1, low: 3, medium: 5, high: 8, critical: 10 }
const NAMES = [
  'event.dataset',
  'observer.vendor',
  'observer.version',
  'event.code',
  'rule.id',
  'event.severity',
  'message',
  'event.outcome',
  'source.ip',
  'user.name',
  'user.id',
  'user.target.name',
  'event.start',
  'event.end',
  'cef.event_count',
  'log.syslog.appname',
  'log.syslog.hostname',
  'log.syslog.msgid',
] as const

function asFields(event: Event): Record<string, unknown> {
  return Object.fromEntries(NAMES.map((name) => [name, fieldOf(event, name)]))
}

function expected(alert: AlertV1, framing: string): Record<(typeof NAMES)[number], unknown> {
  const { weir, rule, event } = alert
  return {
    'event.dataset': 'cef.log',
    'observer.vendor': 'Weir',
    'observer.version': alert.observer.version,
    'event.code': rule.id,
    'rule.id': rule.id,
    'event.severity': SEVERITY[weir.alert.severity],
    message: alert.message.trim(),
    'event.outcome': event.outcome,
    'source.ip': first(alert.source, 'ip'),
    'user.name': first(alert.user, 'name')?.toLowerCase(),
    'user.id': first(alert.user, 'id'),
    'user.target.name': first(
      (alert.user as { target?: unknown } | undefined)?.target,
      'name',
    )?.toLowerCase(),
    'event.start': new Date(event.start).toISOString(),
    'event.end': new Date(event.end).toISOString(),
    'cef.event_count': weir.alert.count,
    'log.syslog.appname': framing,
    'log.syslog.hostname': 'weir',
    'log.syslog.msgid': weir.alert.kind,
  }
}

function first(object: unknown, key: string): string | undefined {
  const value = (object as Record<string, unknown> | undefined)?.[key]
  return (Array.isArray(value) ? value[0] : value) as string | undefined
}
