import type { RuleSet } from '@weir/engine'
import type { StoredMember } from '@weir/model'

/**
 * Which events belong to each episode that is under way. It holds what the correlator holds, within the bounds of
 * groups and members that stand there; what is over is taken out with `end`.
 */
export class Memberships {
  readonly #rules: RuleSet
  readonly #members = new Map<string, Map<string, string>>()
  readonly #episodeOf = new Map<string, string>()

  constructor(rules: RuleSet) {
    this.#rules = rules
  }

  /** Members kept anew or moved, as a commit has them. */
  take(members: readonly StoredMember[]): void {
    for (const member of members) {
      if (this.#rules.byId.get(member.correlation)?.correlation === undefined) continue
      this.#leave(keyOf(member))
      if (member.episode !== undefined) this.#enter(keyOf(member), member.episode, this.#identityOf(member))
    }
  }

  /** Members that are kept no longer. */
  forget(members: readonly StoredMember[]): void {
    for (const member of members) this.#leave(keyOf(member))
  }

  /** The identities of an episode's events, sorted, each once; it is forgotten. */
  end(episode: string): readonly string[] {
    const members = this.#members.get(episode) ?? new Map<string, string>()
    this.#members.delete(episode)
    for (const key of members.keys()) this.#episodeOf.delete(key)
    return [...new Set(members.values())].sort()
  }

  #enter(key: string, episode: string, identity: string): void {
    const members = this.#members.get(episode) ?? new Map<string, string>()
    this.#members.set(episode, members.set(key, identity))
    this.#episodeOf.set(key, episode)
  }

  #leave(key: string): void {
    const episode = this.#episodeOf.get(key)
    if (episode === undefined) return
    this.#members.get(episode)?.delete(key)
    this.#episodeOf.delete(key)
  }

  /** An episode beneath another correlation goes by what it says, because ids are outside the comparison. */
  #identityOf({ correlation, match }: StoredMember): string {
    const { rule, identity, time, fields } = match
    const chained = rule !== correlation && this.#rules.byId.get(rule)?.correlation !== undefined
    return chained ? JSON.stringify([rule, time, fields]) : identity
  }
}

function keyOf({ ruleHash, groupKey, value, match }: StoredMember): string {
  return [ruleHash, groupKey, match.identity, match.rule, value].join('\n')
}
