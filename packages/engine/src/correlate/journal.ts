import type {
  CorrelationDelta,
  Finding,
  Match,
  PassedGroup,
  SkipReason,
  StoredMember,
  StoredSightings,
} from '@weir/model'
import { snapshotOf, storedForm } from './episode.ts'
import { Pending } from './pending.ts'
import type { Sightings } from './sightings.ts'
import type { Held, OpenEpisode, Table } from './state.ts'

/** What a store keeps of rules that are no more, to be closed and forgotten. */
export interface Orphans {
  readonly episodes: CorrelationDelta['episodes']
  readonly groups: readonly PassedGroup[]
  readonly sightings: readonly StoredSightings[]
}

/** What happened since the last commit, and which revisions are due. */
export class Journal {
  /** Members of packed groups. */
  readonly pending = new Pending()
  readonly #listedMax: number
  readonly #changed = new Set<Held>()
  readonly #gone = new Set<Held>()
  readonly #episodes = new Set<OpenEpisode>()
  readonly #open = new Set<OpenEpisode>()
  readonly #due = new Set<OpenEpisode>()
  /** Episodes that grew since their last revision, least recent growth first. */
  readonly #behind = new Set<OpenEpisode>()
  #singles = new Map<string, Finding>()
  #skipped: { rule: string; reason: SkipReason }[] = []
  #passed: PassedGroup[] = []
  readonly #sightings = new Set<Sightings>()
  #orphans: Orphans = { episodes: [], groups: [], sightings: [] }

  /** @param listedMax members shown in a finding. */
  constructor(listedMax: number) {
    this.#listedMax = listedMax
  }

  get behind(): number {
    return this.#behind.size
  }

  get open(): number {
    return this.#open.size
  }

  changed(held: Held): void {
    this.#changed.add(held)
  }

  gone(held: Held): void {
    this.#changed.delete(held)
    if (held.stored) this.#gone.add(held)
  }

  /** A new member of a packed group. */
  kept(table: Table, groupKey: string, value: string, match: Match): void {
    const { id: correlation, hash: ruleHash } = table.rule
    this.pending.add({ correlation, ruleHash, groupKey, value, match })
  }

  /** A member whose group is packed: what of it is to be committed is kept as a store would keep it. */
  packed(held: Held): void {
    if (this.#changed.delete(held)) this.pending.add(memberForm(held))
  }

  /** The members of a group in no episode and before a time are out of reach. */
  passed(table: Table, groupKey: string, before: number): void {
    this.#passed.push({ ruleHash: table.rule.hash, groupKey, before })
  }

  /** Members of a chain that moved: one that keeps its identity keeps its key in the store, so it is not gone. */
  replaced(out: readonly Held[], into: readonly Held[]): void {
    for (const held of out) {
      const again = into.find((each) => each.match.identity === held.match.identity)
      if (again === undefined) this.gone(held)
      else again.stored = held.stored
      this.#changed.delete(held)
    }
    for (const held of into) this.#changed.add(held)
  }

  skipped(rule: string, reason: SkipReason): void {
    this.#skipped.push({ rule, reason })
  }

  single(finding: Finding): void {
    this.#singles.set(finding.id, finding)
  }

  /** Terms were seen, or forgotten. */
  sighted(sightings: Sightings): void {
    this.#sightings.add(sightings)
  }

  /** State of rules that are no more. */
  orphans(orphans: Orphans): void {
    this.#orphans = orphans
  }

  touched(episode: OpenEpisode): void {
    this.#episodes.add(episode)
  }

  /** A revision goes out at once, and then whenever the count has doubled. */
  grew(episode: OpenEpisode, now: number): void {
    this.#episodes.add(episode)
    this.#open.add(episode)
    episode.grewAt = now
    this.#behind.delete(episode)
    this.#behind.add(episode)
    if (episode.count >= 2 * episode.countShipped) this.#due.add(episode)
  }

  /** An episode that a restart found open. */
  found(episode: OpenEpisode): void {
    this.#open.add(episode)
    if (isBehind(episode)) this.#behind.add(episode)
  }

  ship(episode: OpenEpisode): void {
    this.#episodes.add(episode)
    this.#due.add(episode)
  }

  /** Ends an episode as it stands; its last revision goes out if the one before does not say all. */
  ended(episode: OpenEpisode, status: 'closed' | 'merged', mergedInto?: string): void {
    const owed = status === 'merged' ? episode.revision > 0 : this.#due.has(episode) || isBehind(episode)
    episode.status = status
    episode.mergedInto = mergedInto
    this.#open.delete(episode)
    this.#behind.delete(episode)
    this.#due.delete(episode)
    if (status === 'closed' || episode.stored) this.#episodes.add(episode)
    else this.#episodes.delete(episode)
    if (!owed) return
    episode.final ??= snapshotOf(episode, this.#listedMax)
    this.#due.add(episode)
  }

  /** Keeps how an episode looks that is about to end, before its members go. */
  ending(episode: OpenEpisode): void {
    episode.final = snapshotOf(episode, this.#listedMax)
  }

  /** Episodes that have been quiet with growth not yet shipped get their revision. */
  shipQuiet(now: number, quietMs: number): void {
    for (const episode of this.#behind) {
      episode.grewAt ??= now
      if (now - episode.grewAt < quietMs) break
      this.#due.add(episode)
    }
  }

  take(): CorrelationDelta {
    const findings = [...this.#singles.values(), ...this.#revisions()]
    const members = this.pending.take()
    for (const held of this.#changed) members.push(memberForm(held))
    const delta = {
      members,
      forgotten: Array.from(this.#gone, memberForm),
      passed: [...this.#orphans.groups, ...this.#passed],
      episodes: [...this.#orphans.episodes, ...inOrder(this.#episodes).map(storedForm)],
      findings,
      sightings: [...this.#orphans.sightings, ...[...this.#sightings].flatMap((each) => each.take())],
      skipped: this.#skipped,
    }
    this.#settle()
    return delta
  }

  #revisions(): Finding[] {
    const findings: Finding[] = []
    for (const episode of inOrder(this.#due)) {
      episode.revision++
      episode.countShipped = episode.count
      this.#episodes.add(episode)
      this.#behind.delete(episode)
      if (episode.group.table.rule.alert) findings.push(findingOf(episode, this.#listedMax))
    }
    return findings
  }

  #settle(): void {
    for (const held of this.#changed) held.stored = true
    for (const episode of this.#episodes) episode.stored = true
    this.#changed.clear()
    this.#gone.clear()
    this.#episodes.clear()
    this.#due.clear()
    this.#singles = new Map()
    this.#skipped = []
    this.#sightings.clear()
    this.#orphans = { episodes: [], groups: [], sightings: [] }
    this.#passed = []
  }
}

function isBehind(episode: OpenEpisode): boolean {
  return episode.count !== episode.countShipped
}

/** Feed order is the order of first satisfaction. */
function inOrder(episodes: ReadonlySet<OpenEpisode>): OpenEpisode[] {
  return [...episodes].sort((a, b) => a.order - b.order)
}

function findingOf(episode: OpenEpisode, listedMax: number): Finding {
  const { group, id, revision, status, mergedInto } = episode
  return {
    rule: group.table.rule.id,
    ruleHash: group.table.rule.hash,
    id,
    revision,
    group: group.values,
    ...(episode.final ?? snapshotOf(episode, listedMax)),
    status,
    ...(mergedInto === undefined ? {} : { mergedInto }),
  }
}

function memberForm(held: Held): StoredMember {
  return {
    correlation: held.group.table.rule.id,
    ruleHash: held.group.table.rule.hash,
    groupKey: held.group.key,
    value: held.value,
    match: held.match,
    ...(held.episode === undefined ? {} : { episode: held.episode.id }),
  }
}
