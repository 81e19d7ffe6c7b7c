import { createHash } from 'node:crypto'
import type { EvidenceLine } from '@weir/contract'
import type { Alert, AlertStore, Position, StoredMember } from '@weir/model'
import type { StatusReader } from './context.ts'

/** Members read at a time, so that an alert of a hundred thousand is never in memory whole. */
const MEMBERS_PAGE_MAX = 500

type Refetch = StatusReader['refetch']

/**
 * Every member of an alert once: first those whose records were kept, then the others by time, with their
 * records where `refetch` still finds them. A member that shares the record of an earlier line (a flow tuple)
 * names its digest and does not repeat it.
 */
export async function* evidenceLines(
  store: AlertStore,
  alert: Alert,
  refetch: Refetch,
): AsyncGenerator<EvidenceLine> {
  const seen = new Seen()
  for (const { eventId, dataset, position, sha256, bytes } of await store.evidence(alert.weir.alert.id))
    if (seen.first(position, eventId))
      yield { eventId, dataset, position, ...seen.record(position, bytes, sha256) }
  for await (const members of pages(store, alert.weir.alert.id)) yield* memberLines(members, seen, refetch)
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
  refetch: Refetch,
): AsyncGenerator<EvidenceLine> {
  const fresh = members.filter(({ match }) => seen.first(match.position, match.eventId))
  const lacking = fresh.filter(({ match }) => seen.digest(match.position).sha256 === undefined)
  const found = lacking.length === 0 ? [] : ((await refetch?.(lacking)) ?? [])
  const fetched = new Map(lacking.map((member, index) => [member, found[index]]))
  for (const member of fresh) {
    const { eventId, dataset, position } = member.match
    const bytes = fetched.get(member)
    const record = bytes === undefined ? seen.digest(position) : seen.record(position, bytes, sha256Of(bytes))
    yield { eventId, dataset, position, ...record }
  }
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

  digest(position: Position): Pick<EvidenceLine, 'sha256'> {
    const sha256 = this.#records.get(keyOf(position))
    return sha256 === undefined ? {} : { sha256 }
  }
}

function keyOf({ source, partition, at, index }: Position): string {
  return [source, partition, at, index].join('\n')
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
