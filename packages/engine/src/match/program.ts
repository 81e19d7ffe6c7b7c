import type { Dataset, Event } from '@weir/model'
import type { Rule } from '../rule/rule.ts'
import type { Check } from './compile-leaf.ts'
import type { RuleErrors } from './errors.ts'
import type { Need, Term, TestTerm, TextTerm, ValueTerm } from './need.ts'
import { planOf } from './plan.ts'
import { type Read, Slots } from './slots.ts'
import { TextProbe } from './text-probe.ts'

/** What one event gave, by place in the rule set; the lists are used again for the next event. */
export interface Found {
  readonly hits: readonly number[]
  /** Candidates that the library has to decide. */
  readonly library: readonly number[]
}

interface Entry {
  readonly order: number
  readonly id: string
  /** Absent where the library decides. */
  readonly check: Check | undefined
  /** The turn in which it was last tried: several probes may name it. */
  triedAt: number
}

/** One look at an event, and the rules that its answer makes candidates. */
interface Probe {
  readonly read: Read
  readonly fold: boolean
  readonly entries: boolean
  readonly candidates: Map<unknown, Entry[]>
}

/** One test and the rules that need it met. */
interface SharedTest {
  readonly check: Check
  readonly candidates: Entry[]
}

/** The rules of one dataset, compiled and indexed. */
export class Program {
  readonly #slots: Slots
  readonly #probes: readonly Probe[]
  readonly #texts: readonly TextProbe<Entry>[]
  readonly #tests: readonly SharedTest[]
  /** Rules without a necessary condition: evaluated for every event. */
  readonly #hard: readonly Entry[]
  readonly #all: readonly Entry[]
  readonly #errors: RuleErrors
  readonly #hits: number[] = []
  readonly #library: number[] = []
  readonly #found = (entry: Entry) => this.#try(entry)
  #turn = 0

  constructor(rules: readonly Rule[], dataset: Dataset, errors: RuleErrors) {
    this.#errors = errors
    this.#slots = new Slots(dataset)
    const planned = planOf(rules, dataset, this.#slots)
    const index = new Index()
    this.#all = planned.map(({ order, id, check, need }) => {
      const entry = { order, id, check, triedAt: 0 }
      index.add(entry, need)
      return entry
    })
    this.#probes = [...index.probes.values()]
    this.#texts = [...index.texts.values()]
    this.#tests = [...index.tests.values()]
    this.#hard = index.hard
  }

  /** The rules that the event meets. */
  run(event: Event): Found {
    this.#turn++
    this.#hits.length = 0
    this.#library.length = 0
    this.#slots.begin(event)
    if (!this.#probed()) for (const entry of this.#all) this.#try(entry)
    for (const entry of this.#hard) this.#try(entry)
    if (this.#hits.length > 1) this.#hits.sort((a, b) => a - b)
    return { hits: this.#hits, library: this.#library }
  }

  /** False when a field could not even be read: then each rule must find out for itself. */
  #probed(): boolean {
    try {
      for (const probe of this.#probes) this.#look(probe, probe.read())
      for (const text of this.#texts) text.look(this.#found)
      for (const { check, candidates } of this.#tests)
        if (check()) for (const entry of candidates) this.#try(entry)
      return true
    } catch {
      return false
    }
  }

  #look(probe: Probe, value: unknown): void {
    if (!probe.entries) this.#find(probe, value)
    else if (Array.isArray(value)) for (const each of value) this.#find(probe, each)
  }

  #find(probe: Probe, value: unknown): void {
    const key = probe.fold && typeof value === 'string' ? value.toLowerCase() : value
    const candidates = probe.candidates.get(key)
    if (candidates !== undefined) for (const entry of candidates) this.#try(entry)
  }

  #try(entry: Entry): void {
    if (entry.triedAt === this.#turn) return
    entry.triedAt = this.#turn
    if (entry.check === undefined) this.#library.push(entry.order)
    else if (this.#met(entry.check, entry.id)) this.#hits.push(entry.order)
  }

  #met(check: Check, id: string): boolean {
    try {
      return check()
    } catch {
      this.#errors.add(id)
      return false
    }
  }
}

class Index {
  readonly probes = new Map<string, Probe>()
  readonly texts = new Map<string, TextProbe<Entry>>()
  readonly tests = new Map<string, SharedTest>()
  readonly hard: Entry[] = []

  add(entry: Entry, need: Need | undefined): void {
    if (need === undefined) this.hard.push(entry)
    else for (const term of need) this.#addTerm(entry, term)
  }

  #addTerm(entry: Entry, term: Term): void {
    switch (term.kind) {
      case 'value':
        this.#addValues(entry, term)
        break
      case 'text':
        this.#addText(entry, term)
        break
      case 'test':
        this.#addTest(entry, term)
        break
      default:
        term satisfies never
    }
  }

  #addTest(entry: Entry, { key, check }: TestTerm): void {
    const test = this.tests.get(key) ?? { check, candidates: [] }
    this.tests.set(key, test)
    test.candidates.push(entry)
  }

  #addText(entry: Entry, { place, read, fold, as, literal }: TextTerm): void {
    const probe = this.texts.get(place) ?? new TextProbe<Entry>(read, fold)
    this.texts.set(place, probe)
    probe.add(as, literal, entry)
  }

  #addValues(entry: Entry, { key, read, fold, entries, values }: ValueTerm): void {
    const probe = this.probes.get(key) ?? { read, fold, entries, candidates: new Map<unknown, Entry[]>() }
    this.probes.set(key, probe)
    for (const value of new Set(values)) {
      const candidates = probe.candidates.get(value) ?? []
      probe.candidates.set(value, candidates)
      candidates.push(entry)
    }
  }
}
