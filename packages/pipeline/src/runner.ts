import type { RuleSet } from '@weir/engine'
import type {
  Commit,
  EventSource,
  HealthReport,
  LineState,
  LineStore,
  PartitionsKnown,
  RawBatch,
  SourceSignal,
} from '@weir/model'
import { type Backoff, BoundedQueue, backoffMs, type Clock, messageOf, type Report } from '@weir/runtime'
import { Pipeline } from './pipeline.ts'
import type { LineSettings } from './settings.ts'
import { runSource, type SourceRunPorts } from './source-run.ts'
import { type PartitionView, SourceWatch, type WatchSettings } from './source-watch.ts'

export interface RunnerSettings {
  readonly line: LineSettings
  readonly watch: WatchSettings
  /** Bytes read and not yet processed; beyond it sources wait. */
  readonly queueBytesMax: number
  /** Bytes processed in one commit; more wait for the next. */
  readonly batchBytesMax: number
  /** How long a small batch waits for company before it is committed, milliseconds. */
  readonly groupCommitMs: number
  /** How often time alone moves the line (quiet revisions, watermarks, health), milliseconds. */
  readonly tickMs: number
}

export const RUNNER_DEFAULTS: Omit<RunnerSettings, 'line' | 'watch'> = {
  queueBytesMax: 32_000_000,
  // An fsync for every 8 MB takes a twentieth of the time at full speed; for every 4 MB it took a tenth.
  batchBytesMax: 8_000_000,
  groupCommitMs: 100,
  tickMs: 1_000,
}

export interface RunnerPorts {
  readonly store: LineStore
  readonly sources: readonly EventSource[]
  readonly clock: Clock
  readonly report: Report
  readonly random: () => number
}

const COMMIT_BACKOFF: Backoff = { firstMs: 250, maxMs: 15_000 }

/** Bytes a signal without bytes weighs in the queue. */
const SIGNAL_WEIGHT = 100

/**
 * Keeps the line running: sources fill a bounded queue, the pipeline empties it batch by batch, each batch is
 * committed before the next begins. After a commit that failed, everything since is thrown away: state comes from
 * the store again and the sources start over at their stored cursors.
 */
export class Runner {
  readonly #settings: RunnerSettings
  readonly #ports: RunnerPorts
  readonly #watch: SourceWatch
  readonly #sourcePorts: SourceRunPorts
  /** Said and not yet committed. */
  readonly #reports: HealthReport[] = []
  #rules: RuleSet
  #newRules: RuleSet | undefined
  #pipeline: Pipeline | undefined
  #queue: BoundedQueue<SourceSignal> | undefined
  #failures = 0
  /** Since when every commit has failed, ISO 8601. */
  #failingSince: string | undefined
  /** What a commit must carry to show that the store is well again: records if it failed on records. */
  #proof: 'records' | 'anything' = 'anything'
  /** A condition of the store may stand from before we started; the first commit disproves it. */
  #storeProven = false

  constructor(settings: RunnerSettings, ports: RunnerPorts, rules: RuleSet) {
    this.#settings = settings
    this.#ports = ports
    this.#rules = rules
    this.#watch = new SourceWatch(settings.watch)
    this.#sourcePorts = {
      ...ports,
      health: (report) => this.health(report),
      over: (source) => this.#watch.over(source),
    }
  }

  /** Runs until the signal aborts; then the sources are closed. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      await this.#runLives(signal)
    } finally {
      await Promise.all(this.#ports.sources.map((source) => source.close?.()))
    }
  }

  async #runLives(signal: AbortSignal): Promise<void> {
    const { clock, report, random } = this.#ports
    while (!signal.aborted) {
      try {
        await this.#runFromStore(signal)
      } catch (error) {
        if (signal.aborted) return
        this.#failures += 1
        this.#storeProven = false
        this.#failingSince ??= new Date(clock.now()).toISOString()
        report.event('error', 'commit_failed', { error: messageOf(error), attempt: this.#failures })
        this.health({ code: 'commit-failed', subject: 'store', state: 'raised', detail: messageOf(error) })
        await clock.sleep(backoffMs(COMMIT_BACKOFF, this.#failures, random()), signal)
      }
    }
  }

  /** Another rule set, from the next batch on. */
  replaceRules(rules: RuleSet): void {
    this.#newRules = rules
  }

  /**
   * A health condition that somebody else saw; it is committed with the next batch. One that waits is not said
   * again, so that a store that fails for days does not gather them.
   */
  health(report: HealthReport): void {
    const { code, subject, state } = report
    const last = this.#reports.findLast((each) => each.code === code && each.subject === subject)
    if (last?.state !== state) this.#reports.push(report)
  }

  partitions(): PartitionView[] {
    return this.#watch.view()
  }

  /** Conditions raised now; that commits fail is among them although no commit can say so. */
  raised(): ReturnType<Pipeline['raised']> {
    const raised = this.#pipeline?.raised() ?? []
    const since = this.#failingSince
    if (since === undefined || raised.some(({ code }) => code === 'commit-failed')) return raised
    return [...raised, { code: 'commit-failed', subject: 'store', since }]
  }

  pending(): { queued: number; unsentRevisions: number; openEpisodes: number } {
    const status = this.#pipeline?.status()
    return {
      queued: this.#queue?.weight ?? 0,
      unsentRevisions: status?.unsentRevisions ?? 0,
      openEpisodes: status?.openEpisodes ?? 0,
    }
  }

  /** One life of the state: from the store's last commit until the signal aborts or a commit fails. */
  async #runFromStore(signal: AbortSignal): Promise<void> {
    const state = await this.#ports.store.load()
    const pipeline = new Pipeline(this.#settings.line, this.#rules, this.#configured(state))
    const queue = new BoundedQueue<SourceSignal>(this.#settings.queueBytesMax)
    this.#pipeline = pipeline
    this.#queue = queue
    this.#restoreWatch(state)
    this.#clearUnconfigured(pipeline)
    const life = new AbortController()
    const ended = AbortSignal.any([signal, life.signal])
    const sources = Promise.all(
      this.#ports.sources.map((source) => {
        pipeline.expect(source.name)
        const stored = state.cursors.get(source.name) ?? new Map()
        const put = (item: SourceSignal): Promise<void> => queue.put(item, weightOf(item))
        return runSource(source, stored, put, this.#sourcePorts, ended)
      }),
    )
    try {
      while (!signal.aborted) await this.#step(pipeline, queue, signal)
      await this.#drain(pipeline, queue, sources)
    } finally {
      life.abort()
      queue.close()
      await sources
    }
  }

  #restoreWatch({ rhythms }: LineState): void {
    const { sources, clock } = this.#ports
    const pushed = new Set(sources.filter((each) => each.pushed).map(({ name }) => name))
    const read = rhythms.filter(({ source }) => this.#reads(source))
    this.#watch.restore(read, pushed, clock.now())
  }

  /** A source that is no longer configured never moves its clocks again, and nobody must wait for them. */
  #configured(state: LineState): LineState {
    return { ...state, clocks: state.clocks.filter(({ source }) => this.#reads(source)) }
  }

  #reads(source: string): boolean {
    return this.#ports.sources.some(({ name }) => name === source)
  }

  /** Nobody watches such a source, so nobody else would clear what stands of it. */
  #clearUnconfigured(pipeline: Pipeline): void {
    for (const { code, subject } of pipeline.raised()) {
      if (!isOfSource(code) || this.#reads(subject.split(' ')[0]!)) continue
      this.health({ code, subject, state: 'cleared', detail: 'It is no longer configured.' })
    }
  }

  /** One batch: what has come, or what time alone brings. */
  async #step(pipeline: Pipeline, queue: BoundedQueue<SourceSignal>, signal: AbortSignal): Promise<void> {
    await this.#company(queue, signal)
    if (!signal.aborted) await this.#round(pipeline, queue)
  }

  /** At the end: what sources have taken, and who sent it cannot be asked for again, is committed first. */
  async #drain(
    pipeline: Pipeline,
    queue: BoundedQueue<SourceSignal>,
    sources: Promise<unknown>,
  ): Promise<void> {
    let over = false
    void sources.then(() => {
      over = true
      queue.close()
    })
    while (!over || queue.size > 0) {
      await queue.ready()
      await this.#round(pipeline, queue)
    }
  }

  async #round(pipeline: Pipeline, queue: BoundedQueue<SourceSignal>): Promise<void> {
    await this.#swapRules(pipeline)
    const now = this.#ports.clock.now()
    const taken = queue.takeNow(this.#settings.batchBytesMax)
    const batches = taken.filter((item) => item.kind === 'batch')
    for (const item of taken) this.#note(pipeline, item, now)
    const said = this.#reports.length
    const reports = [...this.#reports, ...this.#watch.check(now)]
    const states = taken.filter((item) => item.kind === 'state')
    const step = await pipeline.process(batches, reports, now, states)
    const commit = { ...step.commit, rhythms: this.#watch.rhythms() }
    if (!isEmpty(commit)) await this.#toStore(commit)
    this.#watch.kept()
    this.#reports.splice(0, said)
    if (!isEmpty(commit)) this.#provenBy(commit)
    this.#committed(batches, commit, now)
  }

  async #toStore(commit: Commit): Promise<void> {
    try {
      await this.#ports.store.commit(commit)
    } catch (error) {
      if (commit.cursors.length > 0) this.#proof = 'records'
      throw error
    }
  }

  /** On a disk that is all but full a small commit still fits; it must not clear what a batch will raise again. */
  #provenBy(commit: Commit): void {
    if (this.#storeProven || (this.#proof === 'records' && commit.cursors.length === 0)) return
    this.#storeProven = true
    this.#proof = 'anything'
    this.#failures = 0
    this.#failingSince = undefined
    this.health({
      code: 'commit-failed',
      subject: 'store',
      state: 'cleared',
      detail: 'A commit succeeded.',
    })
  }

  /** Waits until there is enough for a commit, or until the tick. */
  async #company(queue: BoundedQueue<SourceSignal>, signal: AbortSignal): Promise<void> {
    const { clock } = this.#ports
    const { tickMs, groupCommitMs, batchBytesMax } = this.#settings
    const waiting = new AbortController()
    const ended = AbortSignal.any([signal, waiting.signal])
    await Promise.race([queue.ready(), clock.sleep(tickMs, ended)])
    waiting.abort()
    if (queue.weight > 0 && queue.weight < batchBytesMax / 8) await clock.sleep(groupCommitMs, signal)
  }

  #note(pipeline: Pipeline, item: SourceSignal, now: number): void {
    if (item.kind === 'batch') {
      this.#watch.gap(item)
      this.#watch.heard(item, now)
      return
    }
    if (item.kind === 'partitions') {
      pipeline.announce(item)
      this.#watch.known(item, now)
      this.#clearForgotten(pipeline, item)
      return
    }
    this.#watch.state(item, now)
    const { source, partition, behind = 0 } = item
    this.#ports.report.gauge('source_behind', { source, partition }, item.state === 'caught-up' ? 0 : behind)
  }

  /** Nobody watches a partition that a source no longer names, so nobody else would clear what stands of it. */
  #clearForgotten(pipeline: Pipeline, { source, partitions }: PartitionsKnown): void {
    const named = new Set(partitions.map((partition) => `${source} ${partition}`))
    for (const { code, subject } of pipeline.raised()) {
      if (!isOfSource(code)) continue
      if (!subject.startsWith(`${source} `) || named.has(subject)) continue
      this.health({ code, subject, state: 'cleared', detail: 'It is no longer read.' })
    }
  }

  async #swapRules(pipeline: Pipeline): Promise<void> {
    const rules = this.#newRules
    if (rules === undefined) return
    const { commit } = pipeline.settle(this.#ports.clock.now())
    if (!isEmpty(commit)) await this.#toStore(commit)
    this.#newRules = undefined
    this.#rules = rules
    pipeline.replaceRules(rules, await this.#ports.store.load())
    this.#ports.report.event('info', 'rules_loaded', { rules: rules.rules.length, hash: rules.hash })
  }

  #committed(batches: readonly RawBatch[], commit: Commit, now: number): void {
    for (const batch of batches) batch.committed?.()
    for (const each of commit.books) {
      const batch = batches.find((one) => one.source === each.source)
      if (batch !== undefined) this.#watch.read(batch, each.read, each.quarantined, now)
      this.#ports.report.count('records_read', { source: each.source }, each.read)
      this.#ports.report.count('raw_bytes', { source: each.source }, each.rawBytes)
    }
  }
}

/** Conditions whose subject is a source, or a source and its partition. */
const OF_SOURCES = [
  'source-cut-off',
  'source-silent',
  'partition-stalled',
  'lag-grows',
  'quarantine-rate',
  'reader-evicted',
] as const

function isOfSource(code: string): code is (typeof OF_SOURCES)[number] {
  return (OF_SOURCES as readonly string[]).includes(code)
}

function weightOf(item: SourceSignal): number {
  if (item.kind !== 'batch') return SIGNAL_WEIGHT
  return item.messages.reduce((sum, message) => sum + message.bytes.length, SIGNAL_WEIGHT)
}

function isEmpty(commit: Commit): boolean {
  const { at: _, ...parts } = commit
  return Object.values(parts).every((part) => part.length === 0)
}
