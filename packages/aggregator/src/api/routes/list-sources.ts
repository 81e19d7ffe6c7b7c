import { type SourcesReply, sourcesReply } from '@weir/contract'
import type { PartitionClock, PartitionState, SourceBooks } from '@weir/model'
import type { Api } from '../api.ts'
import type { ApiContext } from '../context.ts'
import { READERS } from '../guard.ts'
import { REFUSED } from './reply-schemas.ts'

type Source = SourcesReply['sources'][number]
type Partition = Source['partitions'][number]

/** `GET /v1/sources`: the books of every source, and how its partitions stand. */
export function listSources(api: Api, { store, status }: ApiContext): void {
  const schema = {
    summary: 'The books of every source, with the state, clock and backlog of its partitions',
    response: { 200: sourcesReply, ...REFUSED },
  }
  api.get('/v1/sources', { schema, config: { access: READERS } }, async () => {
    const [books, clocks, live] = [await store.books(), await store.clocks(), status.partitions()]
    const names = new Set([...books, ...clocks, ...live].map((each) => each.source))
    return { sources: [...names].sort().map((name) => sourceOf(name, books, clocks, live)) }
  })
}

function sourceOf(
  name: string,
  books: readonly SourceBooks[],
  clocks: readonly PartitionClock[],
  live: readonly PartitionState[],
): Source {
  const own = <T extends { readonly source: string }>(all: readonly T[]): T[] =>
    all.filter((each) => each.source === name)
  return { name, ...countsOf(own(books)[0]), partitions: partitionsOf(own(clocks), own(live)) }
}

function countsOf(books: SourceBooks | undefined): Omit<Source, 'name' | 'partitions'> {
  return {
    read: books?.read ?? 0,
    normalized: books?.normalized ?? 0,
    duplicates: books?.duplicates ?? 0,
    dropped: books?.dropped ?? 0,
    droppedBy: { ...books?.droppedBy },
    quarantined: books?.quarantined ?? 0,
    events: books?.events ?? 0,
    rawBytes: books?.rawBytes ?? 0,
    ...(books === undefined ? {} : { lastCommit: new Date(books.lastCommit).toISOString() }),
  }
}

function partitionsOf(clocks: readonly PartitionClock[], live: readonly PartitionState[]): Partition[] {
  const names = new Set([...clocks, ...live].map((each) => each.partition))
  const own = <T extends { readonly partition: string }>(all: readonly T[], name: string): T | undefined =>
    all.find((each) => each.partition === name)
  return [...names].sort().map((name) => partitionOf(name, own(clocks, name), own(live, name)))
}

function partitionOf(
  partition: string,
  clock: PartitionClock | undefined,
  live: PartitionState | undefined,
): Partition {
  return {
    partition,
    state: live?.state ?? 'unknown',
    datasets: [...(clock?.datasets ?? [])],
    ...(Number.isFinite(clock?.clock) ? { clock: new Date(clock!.clock).toISOString() } : {}),
    ...(live?.behind === undefined ? {} : { behind: live.behind }),
    ...(live?.reason === undefined ? {} : { reason: live.reason }),
  }
}
