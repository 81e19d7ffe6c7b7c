import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { chainAfter, chainStart, lineDigest } from '@weir/contract'
import { createMatcher, type RuleSet } from '@weir/engine'
import type { Event, JsonObject, Origin, RawBatch } from '@weir/model'
import { classify, DATASETS, eventsOf } from '@weir/normalize'
import { DEFAULTS, Pipeline } from '@weir/pipeline'
import { openStore } from '@weir/store'
import type { Round } from './round.ts'

/** One way to read a round's records. Nothing in `run` makes records or checks results. */
export interface Lane {
  /** Resolves when everything was read; the number of events that met a rule, where rules were asked. */
  run(round: Round): Promise<number | undefined>
  close(): Promise<void>
}

const NEWLINE = 10
const PARTITIONS = 8

/** The limit: every line to an object, and no more. */
export function parseLane(): Lane {
  return {
    run: async (round) => {
      let records = 0
      eachRecord(round.lines, (record) => {
        if (record !== null) records++
      })
      if (records !== round.events) throw new Error(`${records} of ${round.events} records were read`)
      return undefined
    },
    close: async () => {},
  }
}

/** The same lines, told apart by dataset and held against every rule. */
export function matchLane(rules: RuleSet): Lane {
  const matcher = createMatcher(rules, DATASETS)
  return {
    run: async (round) => {
      let met = 0
      for (const message of round.messages) {
        const events: Event[] = []
        eachRecord(message, (record) => eventsOf(record, classify(record), ORIGIN, 0, events))
        met += distinct((await matcher.match(events)).map((hit) => hit.event))
      }
      return met
    },
    close: async () => {},
  }
}

export const ORIGIN: Origin = {
  source: 'bench',
  partition: '0',
  at: '0',
  arrival: 0,
  bytesOf: () => new Uint8Array(),
}

/** The whole line, from messages to a commit that is on disk, into a store of its own. */
export async function pipelineLane(rules: RuleSet, folder: string, of: MessagesOf): Promise<Lane> {
  const store = openStore({
    path: join(folder, `${randomUUID()}.db`),
    chain: { start: chainStart, next: chainAfter, digest: lineDigest },
    random: randomUUID,
  })
  const pipeline = new Pipeline({ ...DEFAULTS, version: 'bench' }, rules, await store.load())
  const partitions = Array.from({ length: PARTITIONS }, (_, partition) => `hub/${partition}`)
  pipeline.announce({ kind: 'partitions', source: 'bench', partitions })
  let taken = 0
  return {
    run: async (round) => {
      const messages = of(round)
      let met = 0
      for (let at = 0; at < messages.length; at += round.messagesPerBatch) {
        const some = messages.slice(at, at + round.messagesPerBatch)
        const { commit, matches } = await pipeline.process(batchesOf(some, taken), [], Date.now())
        await store.commit(commit)
        taken += some.length
        met += distinct(matches.map((match) => match.identity))
      }
      return met
    },
    close: () => store.close(),
  }
}

export type MessagesOf = (round: Round) => readonly Buffer[]

/** Messages as the partitions of a hub bring them: some from each, in turn. */
function batchesOf(messages: readonly Buffer[], taken: number): RawBatch[] {
  const batches: RawBatch[] = []
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const own = messages
      .map((bytes, index) => ({ bytes, at: String(taken + index), arrival: Date.now() }))
      .filter((_, index) => index % PARTITIONS === partition)
    if (own.length === 0) continue
    const cursors = [{ source: 'bench', key: `hub/${partition}`, value: own.at(-1)!.at }]
    batches.push({
      kind: 'batch',
      source: 'bench',
      partition: `hub/${partition}`,
      messages: own,
      cursors,
    })
  }
  return batches
}

/** Every line read as JSON. */
export function eachRecord(lines: Buffer, take: (record: JsonObject) => void): void {
  for (let at = 0; at < lines.length; ) {
    const end = lines.indexOf(NEWLINE, at)
    const stop = end === -1 ? lines.length : end
    take(JSON.parse(lines.toString('utf8', at, stop)) as JsonObject)
    at = stop + 1
  }
}

function distinct(list: readonly unknown[]): number {
  return new Set(list).size
}
