import type { Rule, RuleSet } from '@weir/engine'
import type { Alert, AlertRevision, Commit, JsonObject } from '@weir/model'
import type { Step } from '@weir/pipeline'
import { type Content, Contents } from './contents.ts'
import { Days } from './days.ts'
import { LinkPages } from './link-pages.ts'
import { Load } from './load.ts'
import { Memberships } from './memberships.ts'

/** Messages of each rule that are shown. */
const EXAMPLES_MAX = 3
/** Characters of a message; what is beyond is cut off. */
const MESSAGE_CHARACTERS_MAX = 200

/** What is known of an alert while it may still grow. */
interface Open {
  readonly rule: Rule
  readonly day: string
  readonly group: JsonObject
  readonly message: string
}

/** What one rule did. */
export interface RuleLoad {
  readonly rule: Rule
  readonly load: Load
  readonly examples: string[]
}

/**
 * One rule set over the inputs: what it would ship on which day. An alert counts on the day of the last event of its
 * first revision, a revision's bytes on the day of its own last event. Shadow rules are told apart.
 */
export class Trial {
  readonly #rules: RuleSet
  readonly #memberships: Memberships
  readonly #open = new Map<string, Open>()
  readonly #byRule: ReadonlyMap<string, RuleLoad>
  readonly #pages = new LinkPages()
  readonly days = new Days()
  /** Everything that live rules ship. */
  readonly live = new Load()
  readonly contents = new Contents()
  readonly counts = { records: 0, events: 0, duplicates: 0, quarantined: 0, matches: 0, errors: 0 }

  constructor(rules: RuleSet) {
    this.#rules = rules
    this.#memberships = new Memberships(rules)
    this.#byRule = new Map(
      rules.rules
        .filter((rule) => rule.alert)
        .map((rule) => [rule.id, { rule, load: new Load(), examples: [] }]),
    )
  }

  async add({ commit, matches, days }: Step): Promise<void> {
    this.days.see(days)
    this.#count(commit, matches.length)
    this.#memberships.take(commit.members)
    this.#memberships.forget(commit.forgotten)
    for (const revision of commit.alerts) this.#take(revision, commit.at)
    for (const { id, status } of commit.episodes) if (status !== 'open') this.#end(id)
    await this.#pages.turn()
  }

  /** Ends what no commit ended. */
  finish(): void {
    for (const id of [...this.#open.keys()]) this.#end(id)
  }

  get byRule(): readonly RuleLoad[] {
    return [...this.#byRule.values()]
  }

  get packedShare(): number | undefined {
    return this.#pages.packedShare
  }

  #count(commit: Commit, matches: number): void {
    this.counts.matches += matches
    for (const { errors } of commit.ruleCounts) this.counts.errors += errors
    for (const { read, events, duplicates, quarantined } of commit.books) {
      this.counts.records += read
      this.counts.events += events
      this.counts.duplicates += duplicates
      this.counts.quarantined += quarantined
    }
  }

  #take(revision: AlertRevision, at: number): void {
    const rule = this.#rules.byId.get(revision.alert.rule.id)!
    const day = this.days.of(Date.parse(revision.alert['@timestamp']))
    if (revision.once) this.#single(revision, rule, day, at)
    else this.#revise(revision, rule, day, at)
  }

  #revise(revision: AlertRevision, rule: Rule, day: string, at: number): void {
    const { id, status, group } = revision.alert.weir.alert
    const open = this.#open.get(id)
    if (open === undefined) this.#alert(rule, day, 1)
    this.#ship(revision, rule, day, at)
    const first = open?.day ?? day
    if (status === 'merged') this.#merge(id, rule, first)
    else this.#open.set(id, { rule, day: first, group, message: shown(revision.alert) })
  }

  /** An alert of a rule without correlation: its id is a hash of rule and event, so a second one is the same. */
  #single(revision: AlertRevision, rule: Rule, day: string, at: number): void {
    const { id } = revision.alert.weir.alert
    const content = { rule: rule.id, group: {}, events: [id] }
    if (this.contents.has(content)) return
    this.#alert(rule, day, 1)
    this.#ship(revision, rule, day, at)
    this.#keep(content, shown(revision.alert))
  }

  #merge(id: string, rule: Rule, day: string): void {
    this.#alert(rule, day, -1)
    this.#open.delete(id)
    this.#memberships.end(id)
  }

  /** An alert that is over can be compared; a base rule's episode only has to be forgotten. */
  #end(id: string): void {
    const events = this.#memberships.end(id)
    const open = this.#open.get(id)
    if (open === undefined) return
    this.#open.delete(id)
    this.#keep({ rule: open.rule.id, group: open.group, events }, open.message)
  }

  #alert(rule: Rule, day: string, by: 1 | -1): void {
    this.#byRule.get(rule.id)!.load.alert(day, by)
    if (rule.mode === 'live') this.live.alert(day, by)
  }

  #ship({ alert, ship }: AlertRevision, rule: Rule, day: string, at: number): void {
    const bytes = ship ? this.#pages.add(alert, at) : this.#pages.bytesOf(alert, at)
    this.#byRule.get(rule.id)!.load.revision(day, bytes)
    if (ship) this.live.revision(day, bytes)
  }

  #keep(content: Content, message: string): void {
    const { examples } = this.#byRule.get(content.rule)!
    if (examples.length < EXAMPLES_MAX) examples.push(message)
    this.contents.add(content, message)
  }
}

/** On one line, and no longer than a line should be. */
function shown({ message }: Alert): string {
  return message.replace(/\s+/g, ' ').slice(0, MESSAGE_CHARACTERS_MAX)
}
