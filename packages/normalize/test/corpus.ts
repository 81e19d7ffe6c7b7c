import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Event } from '@weir/model'
import { classify, eventsOf, type Unwrapped, unwrap } from '../src/index.ts'

/** Folder of published samples; tests that need it are skipped without it. */
export const CORPUS = process.env.WEIR_CORPUS

export function read(...path: readonly string[]): Uint8Array {
  return readFileSync(join(CORPUS ?? '', ...path))
}

export function filesIn(...path: readonly string[]): readonly string[] {
  return readdirSync(join(CORPUS ?? '', ...path)).sort()
}

/** Every event of an unwrapped message. */
export function eventsIn(unwrapped: Unwrapped, arrival = 0): readonly Event[] {
  const origin = {
    source: 'test',
    partition: '0',
    at: '0',
    arrival,
    bytesOf: (index: number) => unwrapped.bytesOf(index),
  }
  const events: Event[] = []
  for (const [index, record] of unwrapped.records.entries())
    eventsOf(record, classify(record), origin, index, events)
  return events
}

/** The events of objects, as a source would deliver them. */
export function eventsFrom(...records: readonly object[]): readonly Event[] {
  return eventsIn(unwrap(Buffer.from(JSON.stringify({ records }))))
}
