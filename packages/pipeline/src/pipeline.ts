import {
  Blindness,
  CONFIRM,
  type Correlator,
  createCorrelator,
  createMatcher,
  type Matcher,
  type MatcherOptions,
  type RuleSet,
} from '@weir/engine'
import {
  type AlertRevision,
  type Books,
  type Canary,
  type Commit,
  type CorrelationDelta,
  type Event,
  type Finding,
  type HealthReport,
  type LineState,
  type Match,
  type PartitionState,
  type PartitionsKnown,
  type RawBatch,
  type RuleCount,
  type StoredMember,
  Watermarks,
} from '@weir/model'
import { DATASETS, eventIdOf, identityOf } from '@weir/normalize'
import { alertOf } from './alert.ts'
import { blindReports } from './blind-reports.ts'
import { EvidenceKeeper } from './evidence.ts'
import { secretHash } from './fingerprint.ts'
import { HealthBook } from './health-book.ts'
import { type Intake, type IntakePorts, takeIn } from './intake.ts'
import { LineWatch } from './line-watch.ts'
import { matchOf } from './match.ts'
import { Repeats } from './repeats.ts'
import { RuleTally } from './rule-tally.ts'
import { RuleWatermarks } from './rule-watermarks.ts'
import type { LineSettings } from './settings.ts'

/** What one round of the line brought. */
export interface Step {
  readonly commit: Commit
  readonly matches: readonly Match[]
  /** Days of the events that came, whole days since 1970, UTC. */
  readonly days: ReadonlySet<number>
}

/**
 * The line from bytes to a commit: unwrap, normalize, match, correlate, alert. It holds the state that belongs to
 * the last commit; when a commit fails, it is thrown away and a new one is made from the store.
 */
export class Pipeline {
  readonly #settings: LineSettings
  readonly #watermarks: Watermarks
  readonly #ruleWatermarks: RuleWatermarks
  readonly #repeats: Repeats
  readonly #evidence: EvidenceKeeper
  readonly #health: HealthBook
  readonly #tally = new RuleTally()
  readonly #watch = new LineWatch()
  readonly #blindness: Blindness
  readonly #matching: MatcherOptions
  /** The operator's filters, if there are any. */
  readonly #filters: Matcher | undefined
  #rules: RuleSet
  #matcher: Matcher
  #correlator: Correlator
  /** The correlator knows the watermarks as they stand. */
  #judged = false

  constructor(
    settings: LineSettings,
    rules: RuleSet,
    state: LineState,
    matching: MatcherOptions = { confirm: CONFIRM },
  ) {
    this.#settings = settings
    this.#matching = matching
    this.#watermarks = new Watermarks(settings.skewMs, state.clocks)
    this.#ruleWatermarks = new RuleWatermarks(settings, this.#watermarks)
    this.#repeats = new Repeats(settings.repeatsRecordsMax)
    this.#evidence = new EvidenceKeeper(settings.evidenceRecordsMax)
    this.#health = new HealthBook(settings.version, state.health)
    this.#filters =
      settings.drop.rules.length > 0 ? createMatcher(settings.drop, DATASETS, matching) : undefined
    this.#rules = rules
    this.#matcher = createMatcher(rules, DATASETS, matching)
    this.#blindness = new Blindness(rules, settings.blind)
    this.#correlator = this.#correlatorFrom(state)
  }

  /** A configured source that has not named its partitions yet. */
  expect(source: string): void {
    this.#watermarks.expect(source)
  }

  /** The partitions of a source; said before its first batch. */
  announce({ source, partitions }: PartitionsKnown): void {
    this.#watermarks.announce(source, partitions)
    this.#judged = false
  }

  /** How a partition stands, once the batches before are processed. */
  stand({ state, source, partition, now }: PartitionState): void {
    if (state === 'caught-up') this.#watermarks.caughtUp(source, partition, now)
  }

  /** Another rule set from the next batch on; `state` is the store's, read after the last commit. */
  replaceRules(rules: RuleSet, state: LineState): void {
    this.#rules = rules
    this.#matcher = createMatcher(rules, DATASETS, this.#matching)
    this.#blindness.replace(rules)
    this.#correlator = this.#correlatorFrom(state)
    this.#judged = false
  }

  /**
   * The whole way of some batches. `states` hold after them, `reports` came meanwhile; `now` is the wall clock,
   * epoch milliseconds.
   */
  async process(
    batches: readonly RawBatch[],
    reports: readonly HealthReport[],
    now: number,
    states: readonly PartitionState[] = [],
  ): Promise<Step> {
    // After a restart the first match is already judged by the watermarks that stood before it.
    if (!this.#judged) this.#advance(now)
    const intakes: Intake[] = []
    for (const batch of batches) intakes.push(await takeIn(batch, this.#intakePorts(now)))
    for (const { books, aheadMs } of intakes) {
      if (aheadMs > this.#settings.skewMs) this.#watch.ahead(books.source, aheadMs, now)
    }
    const matched = new Map<string, Event>()
    const matches: Match[] = []
    for (const hit of intakes.flatMap((intake) => intake.hits)) {
      const match = matchOf(hit, this.#settings.arrivalKnown)
      matches.push(match)
      matched.set(match.identity, hit.event)
      this.#tally.match(match.rule)
      this.#blindness.matched(match.rule)
      this.#correlator.add(match, now)
    }
    for (const each of states) this.stand(each)
    this.#advance(now)
    for (const report of reports) this.#health.report(report, now)
    const days = new Set(intakes.flatMap((intake) => [...intake.days]))
    return { commit: this.#commit(batches, intakes, matched, now), matches, days }
  }

  /** Tells what grew and was not told yet: before rules are replaced, since what they no longer name is never told. */
  settle(now: number): Step {
    this.#advance(now + this.#settings.correlate.quietMs)
    return { commit: this.#commit([], [], new Map(), now), matches: [], days: new Set() }
  }

  /** The end of a replay: the watermark goes to infinity, and every episode closes. */
  finish(now: number): Step {
    this.#correlator.finish(now)
    return { commit: this.#commit([], [], new Map(), now), matches: [], days: new Set() }
  }

  status(): ReturnType<Correlator['status']> {
    return this.#correlator.status()
  }

  raised(): ReturnType<HealthBook['raised']> {
    return this.#health.raised()
  }

  #correlatorFrom(state: LineState): Correlator {
    const { recall } = state.correlation
    const packing = recall && { recall, hash: secretHash() }
    const correlator = createCorrelator(this.#rules, this.#settings.correlate, packing)
    correlator.restore(state.correlation)
    return correlator
  }

  #intakePorts(now: number): IntakePorts {
    const filters = this.#filters
    return {
      repeats: this.#repeats,
      watermarks: this.#watermarks,
      ...(filters && { drop: (events) => filters.match(events) }),
      match: (events) => {
        if (this.#settings.arrivalKnown) this.#blindness.see(events, now)
        return this.#matcher.match(events)
      },
    }
  }

  #advance(now: number): void {
    this.#correlator.advance(this.#ruleWatermarks.now(), now)
    this.#judged = true
  }

  #commit(
    batches: readonly RawBatch[],
    intakes: readonly Pick<Intake, 'books' | 'quarantined' | 'canaries'>[],
    matched: ReadonlyMap<string, Event>,
    now: number,
  ): Commit {
    const delta = this.#correlator.take()
    for (const { rule } of delta.skipped) this.#tally.skip(rule)
    this.#watch.skipped(delta.skipped, now)
    for (const [rule, count] of this.#matcher.takeErrors()) {
      this.#tally.errors(rule, count)
      this.#watch.threw(rule, count, now)
    }
    for (const [rule, count] of this.#matcher.takeDisagreements()) {
      this.#tally.errors(rule, count)
      this.#watch.disagreed(rule, count, now)
    }
    this.#tellFilters(now)
    this.#tellHealth(now)
    return {
      at: now,
      cursors: batches.flatMap((batch) => batch.cursors),
      clocks: this.#watermarks.take(),
      books: sumBooks(intakes.map((intake) => intake.books)),
      quarantine: intakes.flatMap((intake) => intake.quarantined),
      ruleCounts: this.#tally.take() satisfies RuleCount[],
      members: [...delta.members, ...this.#singles(delta.findings)],
      forgotten: delta.forgotten,
      sightings: delta.sightings,
      passed: delta.passed,
      episodes: delta.episodes,
      alerts: [...this.#alerts(delta, now), ...this.#health.take()],
      evidence: this.#evidence.pick(delta, matched),
      canaries: intakes.flatMap((intake) => intake.canaries).map((event) => canaryOf(event, delta.findings)),
      // Whoever watches the sources knows.
      rhythms: [],
    }
  }

  /** A filter that throws takes nothing. */
  #tellFilters(now: number): void {
    if (this.#filters === undefined) return
    for (const [name, count] of this.#filters.takeErrors()) this.#watch.threw(`filter ${name}`, count, now)
    for (const [name, count] of this.#filters.takeDisagreements())
      this.#watch.disagreed(`filter ${name}`, count, now)
  }

  /** A replay tells what it found, not how the line was while it did. */
  #tellHealth(now: number): void {
    if (!this.#settings.arrivalKnown) return
    for (const { rule, until } of this.#correlator.waiting())
      this.#watch.waits(rule.id, until + this.#ruleWatermarks.latenessOf(rule), now)
    for (const report of this.#watch.check(now)) this.#health.report(report, now)
    for (const report of blindReports(this.#blindness, this.#health.raised(), now))
      this.#health.report(report, now)
  }

  #alerts(delta: CorrelationDelta, now: number): AlertRevision[] {
    return delta.findings.flatMap((finding) => {
      const rule = this.#rules.byId.get(finding.rule)
      if (rule === undefined) return []
      const alert = alertOf(finding, rule, this.#settings.version, now)
      const once = rule.correlation === undefined
      return { alert, severity: rule.severity, kind: 'detection', ship: rule.mode === 'live', once }
    })
  }

  /** The one member of an alert without correlation is kept like any other, so that evidence is found one way. */
  #singles(findings: readonly Finding[]): StoredMember[] {
    return findings.flatMap((finding) => {
      if (this.#rules.byId.get(finding.rule)?.correlation !== undefined) return []
      return finding.members.map((match: Match) => ({
        correlation: finding.rule,
        ruleHash: finding.ruleHash,
        groupKey: finding.id,
        value: match.subject,
        match,
        episode: finding.id,
      }))
    })
  }
}

/** The canary that an event is, with the alert of the first finding that lists it. */
function canaryOf(event: Event, findings: readonly Finding[]): Canary {
  const identity = identityOf(event)
  const alert = findings.find(({ members }) => members.some((member) => member.identity === identity))?.id
  const { source, arrival } = event.origin
  const times = { planted: event.time, arrived: arrival }
  return { id: eventIdOf(event), source, ...times, ...(alert !== undefined && { alert }) }
}

/** One row per source. */
function sumBooks(all: readonly Books[]): Books[] {
  const sums = new Map<string, Books>()
  for (const each of all) {
    const sum = sums.get(each.source)
    sums.set(each.source, sum === undefined ? each : addBooks(sum, each))
  }
  return [...sums.values()]
}

function addBooks(a: Books, b: Books): Books {
  return {
    source: a.source,
    read: a.read + b.read,
    normalized: a.normalized + b.normalized,
    duplicates: a.duplicates + b.duplicates,
    dropped: a.dropped + b.dropped,
    droppedBy: addCounts(a.droppedBy, b.droppedBy),
    quarantined: a.quarantined + b.quarantined,
    events: a.events + b.events,
    rawBytes: a.rawBytes + b.rawBytes,
  }
}

function addCounts(a: Books['droppedBy'], b: Books['droppedBy']): Books['droppedBy'] {
  const sum = new Map(Object.entries(a))
  for (const [name, count] of Object.entries(b)) sum.set(name, (sum.get(name) ?? 0) + count)
  return Object.fromEntries(sum)
}
