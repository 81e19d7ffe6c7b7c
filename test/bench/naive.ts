import { createMatcher, type Matcher, type RuleSet, registerOperators } from '@weir/engine'
import type { Event } from '@weir/model'
import { classify, DATASETS, eventsOf } from '@weir/normalize'
import { Engine } from 'json-rules-engine'
import { eachRecord, ORIGIN } from './lanes.ts'
import type { Sizes } from './options.ts'
import type { Round } from './round.ts'

/** Runs that count, after one that does not. */
const RUNS = 3

/**
 * json-rules-engine as its README shows it: one engine with every rule, one object of facts per event. Too slow
 * for whole rounds, so it takes the first records of the last ones.
 */
export class NaiveLane {
  readonly #engine = new Engine([], { allowUndefinedFacts: true })
  readonly #matcher: Matcher
  readonly #names: readonly string[]
  readonly #eventsPerRun: number
  #kept: Buffer[] = []

  constructor(rules: RuleSet, { naiveTestsPerRound }: Sizes) {
    registerOperators(this.#engine)
    for (const { id, conditions } of rules.rules)
      if (conditions !== undefined)
        this.#engine.addRule({ name: id, conditions: structuredClone(conditions), event: { type: id } })
    this.#matcher = createMatcher(rules, DATASETS)
    this.#names = [...factsIn(rules.rules.map((rule) => rule.conditions))]
    this.#eventsPerRun = Math.max(2, Math.ceil(naiveTestsPerRound / rules.rules.length))
  }

  keep(round: Round): void {
    this.#kept = [...this.#kept, firstLines(round.lines, this.#eventsPerRun)].slice(-RUNS - 1)
  }

  /** Each of the kept records once. Throws when it misses what the line finds. */
  async run(): Promise<{ seconds: number; events: number; bytes: number }[]> {
    const runs = []
    for (const lines of this.#kept) {
      const start = performance.now()
      const events = eventsIn(lines)
      const found: ReadonlySet<string>[] = []
      for (const event of events) found.push(await this.#ask(event))
      const seconds = (performance.now() - start) / 1000
      await this.#compare(events, found)
      runs.push({ seconds, events: events.length, bytes: lines.length })
    }
    return runs.slice(1)
  }

  async #ask(event: Event): Promise<ReadonlySet<string>> {
    const facts: Record<string, unknown> = { record: event.record, 'event.dataset': event.dataset.name }
    for (const name of this.#names) {
      const value = event.dataset.fields.get(name)?.read(event.record)
      if (value !== undefined) facts[name] = value
    }
    const { events } = await this.#engine.run(facts)
    return new Set(events.map(({ type }) => type))
  }

  /** It knows no datasets, so that it may find more, but never less. */
  async #compare(events: readonly Event[], found: readonly ReadonlySet<string>[]): Promise<void> {
    for (const { rule, event } of await this.#matcher.match(events))
      if (!found[events.indexOf(event)]!.has(rule.id)) throw new Error(`only the line finds ${rule.id}`)
  }
}

function eventsIn(lines: Buffer): Event[] {
  const events: Event[] = []
  eachRecord(lines, (record) => eventsOf(record, classify(record), ORIGIN, 0, events))
  return events
}

function firstLines(lines: Buffer, count: number): Buffer {
  let end = 0
  for (let line = 0; line < count && end < lines.length; line++)
    end = lines.indexOf(10, end) + 1 || lines.length
  return lines.subarray(0, end)
}

function factsIn(value: unknown, names = new Set<string>()): ReadonlySet<string> {
  if (typeof value !== 'object' || value === null) return names
  if ('fact' in value && typeof value.fact === 'string' && value.fact !== 'record') names.add(value.fact)
  for (const each of Object.values(value)) factsIn(each, names)
  return names
}
