import type { KeptMember, Match } from '@weir/model'
import type { MemberRow } from './queries.ts'

/** A row as a member: a start reads every row but the matches of few, so a match is parsed when it is asked for. */
export class KeptRow implements KeptMember {
  readonly #row: MemberRow
  #match: Match | undefined

  constructor(row: MemberRow) {
    this.#row = row
  }

  get correlation(): string {
    return this.#row.correlation
  }

  get ruleHash(): string {
    return this.#row.rule_hash
  }

  get groupKey(): string {
    return this.#row.group_key
  }

  get value(): string {
    return this.#row.value
  }

  get episode(): string | undefined {
    return this.#row.episode ?? undefined
  }

  get identity(): string {
    return this.#row.identity
  }

  get baseRule(): string {
    return this.#row.base_rule
  }

  get time(): number {
    return this.#row.time
  }

  get match(): Match {
    this.#match ??= JSON.parse(this.#row.match) as Match
    return this.#match
  }
}
