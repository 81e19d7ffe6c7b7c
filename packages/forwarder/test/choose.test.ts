import { expect, test } from 'vitest'
import { choose } from '../src/choose.ts'
import type { Entry } from '../src/spool/entry.ts'

interface Case {
  readonly name: string
  /** `id revision`, in the order of the batch. */
  readonly batch: string[]
  /** Acknowledged before. */
  readonly had?: string
  /** Waits behind the batch. */
  readonly behind?: string
  readonly sent: string[]
}

const CASES: readonly Case[] = [
  { name: 'alerts that are new', batch: ['a 1', 'b 1'], sent: ['a 1', 'b 1'] },
  { name: 'not the same revision twice', batch: ['a 1'], had: 'a 1', sent: [] },
  { name: 'not an older one after a newer one', batch: ['a 2'], had: 'a 3', sent: [] },
  { name: 'a newer one', batch: ['a 3'], had: 'a 2', sent: ['a 3'] },
  { name: 'the first and the last', batch: ['a 1', 'a 2', 'a 3'], sent: ['a 1', 'a 3'] },
  { name: 'only the last when the first was there', batch: ['a 2', 'a 3'], had: 'a 1', sent: ['a 3'] },
  { name: 'the first, although a newer one waits', batch: ['a 1'], behind: 'a 9', sent: ['a 1'] },
  { name: 'nothing in between when a newer one waits', batch: ['a 2'], had: 'a 1', behind: 'a 9', sent: [] },
  { name: 'each alert by itself', batch: ['a 1', 'b 2', 'a 2'], had: 'b 1', sent: ['a 1', 'b 2', 'a 2'] },
  { name: 'no repetition within the batch', batch: ['a 2', 'a 2', 'a 1'], sent: ['a 2'] },
]

test.each(CASES)('it sends $name', ({ batch, had, behind, sent }) => {
  const waiting = [...batch, ...(behind === undefined ? [] : [behind])].map(parts)
  const before = had === undefined ? undefined : parts(had)
  const chosen = choose(batch.map(entry), {
    acknowledged: ({ id }) => (before?.id === id ? before.revision : undefined),
    newerWaits: ({ id, revision }) => waiting.some((one) => one.id === id && one.revision > revision),
  })
  expect(chosen.map(({ id, revision }) => `${id} ${revision}`)).toEqual(sent)
})

function parts(text: string): { id: string; revision: number } {
  const [id = '', revision] = text.split(' ')
  return { id, revision: Number(revision) }
}

function entry(text: string, position: number): Entry {
  const line = Buffer.alloc(0)
  const rest = {
    aggregator: 'cloud',
    kind: 'detection',
    severity: 'high',
    lane: 'urgent',
    epoch: 'e',
    line,
  } as const
  return { ...parts(text), ...rest, seq: position + 1, position }
}
