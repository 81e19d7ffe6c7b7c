import { createHash } from 'node:crypto'
import type { CorrelationDelta, Event, Evidence } from '@weir/model'
import { positionOf } from '@weir/model'
import { eventIdOf } from '@weir/normalize'

/** Groups whose kept records are counted; beyond it the oldest count starts anew, which keeps more, never less. */
const GROUPS_MAX = 100_000

/**
 * Picks the records to keep: the first of every group up to a bound, because it may alert later, and those that
 * an alert lists. Only events of the batch in hand can be picked, by identity.
 */
export class EvidenceKeeper {
  readonly #recordsMax: number
  readonly #kept = new Map<string, number>()

  constructor(recordsMax: number) {
    this.#recordsMax = recordsMax
  }

  pick(delta: CorrelationDelta, events: ReadonlyMap<string, Event>): Evidence[] {
    const picked = new Set<string>()
    for (const { ruleHash, groupKey, match } of delta.members) {
      if (events.has(match.identity) && this.#wants(`${ruleHash}\n${groupKey}`)) picked.add(match.identity)
    }
    for (const { members } of delta.findings) {
      for (const { identity } of members) if (events.has(identity)) picked.add(identity)
    }
    return [...picked].map((identity) => evidenceOf(identity, events.get(identity)!))
  }

  #wants(group: string): boolean {
    const kept = this.#kept.get(group) ?? 0
    if (kept >= this.#recordsMax) return false
    if (kept === 0 && this.#kept.size >= GROUPS_MAX) this.#kept.delete(this.#kept.keys().next().value!)
    this.#kept.set(group, kept + 1)
    return true
  }
}

function evidenceOf(identity: string, event: Event): Evidence {
  const bytes = event.origin.bytesOf(event.index)
  return {
    identity,
    eventId: eventIdOf(event),
    dataset: event.dataset.name,
    position: positionOf(event),
    bytes,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  }
}
