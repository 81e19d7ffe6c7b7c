import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { unwrap } from '@weir/normalize'
import type { Options, Sizes } from './options.ts'
import { generateRecords } from './records.ts'

/** Bytes of a message before compression: what a busy hub sends, or a range of a blob. */
const MESSAGE_BYTES = 256 * 1024

/** Bytes of one commit; the runner's own bound. */
const BATCH_BYTES = 8_000_000

/** Records that no other round has, as the lanes want them. */
export interface Round {
  readonly events: number
  readonly bytes: number
  /** All lines in one buffer. */
  readonly lines: Buffer
  /** The same lines as messages. */
  readonly messages: readonly Buffer[]
  readonly gzipped: readonly Buffer[]
  /** Messages in one commit. */
  readonly messagesPerBatch: number
}

/** Rounds for one part of a run, made one at a time; the user's records must be enough for all of them. */
export function* roundsOf(options: Options, seed: number): Generator<Round> {
  const { rounds } = options.sizes
  const each = options.records === undefined ? undefined : shareOf(options.records, options.sizes)
  const records = recordsOf(options, seed, each ?? options.sizes.eventsPerRound)
  for (let round = 0; round < rounds; round++) {
    const lines: Buffer[] = []
    while (lines.length < (each ?? options.sizes.eventsPerRound)) lines.push(records.next().value as Buffer)
    yield roundOf(lines)
  }
}

function recordsOf(options: Options, seed: number, each: number): Iterator<Buffer> {
  if (options.records !== undefined) return linesIn(options.records)
  return generateRecords(seed, each * options.sizes.rounds)[Symbol.iterator]()
}

/** Records for one round where there are only so many, because none is read twice. Throws RangeError. */
function shareOf(path: string, { eventsPerRound, rounds }: Sizes): number {
  let count = 0
  for (const _ of linesIn(path)) if (++count === eventsPerRound * rounds) break
  const each = Math.floor(count / rounds)
  if (each === 0) throw new RangeError(`${path} holds ${count} records, too few for ${rounds} rounds`)
  return each
}

/** The records of a file, or of the files below a folder, one line each. */
function* linesIn(path: string): Generator<Buffer> {
  for (const file of filesBelow(path)) {
    const unwrapped = unwrap(readFileSync(file))
    for (const record of unwrapped.records) yield Buffer.from(`${JSON.stringify(record)}\n`)
  }
}

function filesBelow(path: string): readonly string[] {
  if (statSync(path).isFile()) return [path]
  return readdirSync(path, { recursive: true })
    .map((name) => join(path, String(name)))
    .filter((file) => statSync(file).isFile())
    .sort()
}

function roundOf(records: readonly Buffer[]): Round {
  const lines = Buffer.concat(records)
  const messages = messagesOf(records)
  return {
    events: records.length,
    bytes: lines.length,
    lines,
    messages,
    gzipped: messages.map((message) => gzipSync(message)),
    messagesPerBatch: Math.floor(BATCH_BYTES / MESSAGE_BYTES),
  }
}

function messagesOf(records: readonly Buffer[]): Buffer[] {
  const messages: Buffer[] = []
  let some: Buffer[] = []
  let bytes = 0
  for (const record of records) {
    some.push(record)
    bytes += record.length
    if (bytes < MESSAGE_BYTES) continue
    messages.push(Buffer.concat(some))
    some = []
    bytes = 0
  }
  if (some.length > 0) messages.push(Buffer.concat(some))
  return messages
}
