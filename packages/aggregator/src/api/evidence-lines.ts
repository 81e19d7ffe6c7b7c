import { createHash } from 'node:crypto'
import type { EvidenceLine } from '@weir/contract'
import type { AlertStore, Position, StoredMember } from '@weir/model'
import type { FetchAgain, Found } from './context.ts'

/** Members read at a time, so that an alert of a hundred thousand is never in memory whole. */
const MEMBERS_PAGE_MAX = 500

/**
 * Every event behind an alert once: first those whose records were kept, then the others by time, with their records
 * where `refetch` still finds them. Where an episode is a member, its own members stand for it. A member that shares
 * the record of an earlier line (a flow tuple) names its digest and does not repeat it.
 */
export async function* evidenceLines(
  store: AlertStore,
  id: string,
  refetch: FetchAgain | undefined,
): AsyncGenerator<EvidenceLine> {
  const seen = new Seen()
  const parts = new Set(await store.parts(id))
  for (const part of parts) {
    for await (const { eventId, dataset, position, sha256, bytes } of store.evidence(part))
      if (seen.first(position, eventId))
        yield { eventId, dataset, position, ...seen.record(position, bytes, sha256) }
  }
  for (const part of parts) {
    for await (const page of pages(store, part)) {
      const events = page.filter(({ match }) => !parts.has(match.identity))
      yield* memberLines(events, seen, refetch)
    }
  }
}

async function* pages(store: AlertStore, id: string): AsyncGenerator<readonly StoredMember[]> {
  for (let after: string | undefined; ; ) {
    const page = await store.members(id, MEMBERS_PAGE_MAX, after)
    yield page.items
    if (page.next === undefined) return
    after = page.next
  }
}

async function* memberLines(
  members: readonly StoredMember[],
  seen: Seen,
  refetch: FetchAgain | undefined,
): AsyncGenerator<EvidenceLine> {
  const fresh = members.filter(({ match }) => seen.first(match.position, match.eventId))
  const lacking = new Set(fresh.filter(({ match }) => seen.digest(match.position) === undefined))
  const fetched = fetchedLines([...lacking], seen, refetch)
  for (const member of fresh) {
    const line = lacking.has(member) ? (await fetched.next()).value : undefined
    yield line ?? lineOf(member, { sha256: seen.digest(member.match.position)! })
  }
}

/** Halves what it asks for until the records fit into memory; a single one always does. */
async function* fetchedLines(
  members: readonly StoredMember[],
  seen: Seen,
  refetch: FetchAgain | undefined,
): AsyncGenerator<EvidenceLine, undefined> {
  if (members.length === 0) return
  const found = (await refetch?.(members)) ?? members.map((): Found => ({ absent: 'unsupported' }))
  if (found === 'too-much') {
    const half = Math.ceil(members.length / 2)
    yield* fetchedLines(members.slice(0, half), seen, refetch)
    yield* fetchedLines(members.slice(half), seen, refetch)
    return
  }
  for (const [index, member] of members.entries()) {
    const one = found[index]!
    const { position } = member.match
    // Of several events of one record the first has brought it.
    const known = seen.digest(position)
    if (known !== undefined) yield lineOf(member, { sha256: known })
    else if ('absent' in one) yield lineOf(member, one)
    else yield lineOf(member, seen.record(position, one.bytes, sha256Of(one.bytes)))
  }
}

function lineOf({ match: { eventId, dataset, position } }: StoredMember, rest: Partial<EvidenceLine>) {
  return { eventId, dataset, position, ...rest }
}

/** Which members and records were given already; bounded by the members that a correlation may keep. */
class Seen {
  readonly #members = new Set<string>()
  readonly #records = new Map<string, string>()

  first(position: Position, eventId: string): boolean {
    const key = `${keyOf(position)}\n${eventId}`
    if (this.#members.has(key)) return false
    this.#members.add(key)
    return true
  }

  /** The record itself, the first time; its digest alone from then on. */
  record(position: Position, bytes: Uint8Array, sha256: string): Pick<EvidenceLine, 'bytes' | 'sha256'> {
    const key = keyOf(position)
    if (this.#records.has(key)) return { sha256 }
    this.#records.set(key, sha256)
    return { sha256, bytes: Buffer.from(bytes).toString('base64') }
  }

  digest(position: Position): string | undefined {
    return this.#records.get(keyOf(position))
  }
}

function keyOf({ source, partition, at, index }: Position): string {
  return [source, partition, at, index].join('\n')
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
