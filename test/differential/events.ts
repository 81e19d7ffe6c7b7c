import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileMessages, filesOf } from '@weir/ingest'
import type { Event } from '@weir/model'
import { classify, eventsOf, unwrap } from '@weir/normalize'
import { readRuleCases } from '@weir/pipeline'
import { systemClock } from '@weir/runtime'

/** Folder of published samples; tests that need it are skipped without it. */
export const CORPUS = process.env['WEIR_CORPUS']

const at = (...names: readonly string[]): string => join(CORPUS ?? '', ...names)

/** Events of every file below a folder of the corpus, message by message. */
export async function* eventsBelow(...folder: readonly string[]): AsyncGenerator<readonly Event[]> {
  for (const file of await filesOf([at(...folder)]))
    for await (const { bytes } of fileMessages(file, { clock: systemClock, stdin: process.stdin }))
      yield eventsIn(bytes)
}

/** Events of records that stand as text within the samples of another normalizer. */
export async function* sampledEvents(): AsyncGenerator<readonly Event[]> {
  for (const file of below(at('sekoia-intake-formats'), /[/\\]tests[/\\][^/\\]+\.json$/)) {
    const message: unknown = JSON.parse(readFileSync(file, 'utf8')).input?.message
    if (typeof message === 'string') yield eventsIn(Buffer.from(message))
  }
}

/** Events of the records that the authors of rules wrote beside them, one case at a time. */
export async function* caseEvents(folder: string): AsyncGenerator<readonly Event[]> {
  for (const file of below(folder, /\.test\.json$/))
    for (const { events } of readRuleCases(file, readFileSync(file, 'utf8')))
      yield eventsIn(Buffer.from(JSON.stringify({ records: events })))
}

function eventsIn(bytes: Uint8Array): readonly Event[] {
  const unwrapped = unwrap(bytes)
  const bytesOf = (index: number) => unwrapped.bytesOf(index)
  const origin = { source: 'test', partition: '0', at: '0', arrival: 0, bytesOf }
  const events: Event[] = []
  for (const [index, record] of unwrapped.records.entries())
    eventsOf(record, classify(record), origin, index, events)
  return events
}

/** Paths of the files below a folder, in order. */
export function below(folder: string, name: RegExp): readonly string[] {
  return readdirSync(folder, { recursive: true })
    .map((path) => join(folder, String(path)))
    .filter((path) => name.test(path))
    .sort()
}
