import type { HealthReport, PartitionState, PartitionsKnown, RawBatch, SourceRhythm } from '@weir/model'
import { Backlog } from './backlog.ts'
import { Rhythm, type SilenceBounds } from './rhythm.ts'

export interface WatchSettings extends SilenceBounds {
  /** How long a partition may be out of reach before it is a health alert. */
  readonly cutOffSecondsMax: number
  /** How long a partition may have records waiting without catching up. */
  readonly lagSecondsMax: number
  /** How many minutes in a row the backlog of a partition may grow although it is read. */
  readonly lagGrowsMinutesMax: number
  /** How long a source may deliver nothing, milliseconds, where the operator knows better than its past. */
  readonly silentMs: Readonly<Record<string, number>>
  /** Share of unreadable records of one source within a minute, 0 to 1. */
  readonly quarantineShareMax: number
}

export const WATCH_DEFAULTS: WatchSettings = {
  cutOffSecondsMax: 120,
  lagSecondsMax: 900,
  lagGrowsMinutesMax: 10,
  silentSecondsMin: 300,
  silentSecondsMax: 86_400,
  silentMs: {},
  quarantineShareMax: 0.1,
}

/** Records of a source within a minute below which their unreadable share says nothing. */
const RECORDS_MIN = 20
const MINUTE_MS = 60_000

/** How a partition stands, for the API. */
export interface PartitionView {
  readonly source: string
  readonly partition: string
  readonly state: 'unknown' | PartitionState['state']
  readonly behind?: number
  readonly reason?: string
}

interface Partition {
  readonly source: string
  readonly partition: string
  state: PartitionView['state']
  /** Since when it has been lagging or cut off. */
  since: number
  behind?: number
  reason?: string
  readonly backlog: Backlog
}

interface Source {
  minute: number
  read: number
  quarantined: number
}

/** Watches the sources and says when one of them makes the line blind. */
export class SourceWatch {
  readonly #settings: WatchSettings
  readonly #partitions = new Map<string, Partition>()
  readonly #sources = new Map<string, Source>()
  readonly #rhythms = new Map<string, Rhythm>()
  /** Sources that were read to their end. */
  readonly #over = new Set<string>()
  /** Rhythms that changed since the last commit. */
  readonly #changed = new Set<string>()
  readonly #gaps: HealthReport[] = []
  /** By partition, whether another reader has displaced us. */
  readonly #evicted = new Map<string, HealthReport>()

  constructor(settings: WatchSettings) {
    this.#settings = settings
  }

  /** What the store knows of these sources, some of them pushed to; what was learned here since counts more. */
  restore(rhythms: readonly SourceRhythm[], pushed: ReadonlySet<string>, now: number): void {
    for (const each of rhythms) {
      if (this.#rhythms.has(each.source)) continue
      const rhythm = new Rhythm(each.source, 0, each)
      if (pushed.has(each.source)) rhythm.listen(now)
      this.#rhythms.set(each.source, rhythm)
    }
  }

  /** Nothing more is expected of the source. */
  over(source: string): void {
    this.#over.add(source)
  }

  /** Rhythms to keep with the next commit; said again until `kept`. */
  rhythms(): SourceRhythm[] {
    return [...this.#changed].map((source) => this.#rhythms.get(source)!.stored())
  }

  kept(): void {
    this.#changed.clear()
  }

  known(signal: PartitionsKnown, now: number): void {
    const named = new Set(signal.partitions.map((partition) => `${signal.source}\n${partition}`))
    for (const [key, each] of this.#partitions)
      if (each.source === signal.source && !named.has(key)) this.#forget(key)
    for (const partition of signal.partitions) this.#partition(signal.source, partition, now)
    // Of such a one even that it never delivered is worth telling.
    if (this.#settings.silentMs[signal.source] !== undefined) this.#rhythm(signal.source, now)
  }

  state(signal: PartitionState, now: number): void {
    const partition = this.#partition(signal.source, signal.partition, now)
    if (partition.state !== signal.state) partition.since = now
    partition.state = signal.state
    if (signal.behind === undefined) delete partition.behind
    else partition.behind = signal.behind
    if (signal.state !== 'cut-off') partition.backlog.waits(signal.behind ?? 0, now)
    if (signal.reason === undefined) delete partition.reason
    else partition.reason = signal.reason
    this.#evicted.set(`${signal.source}\n${signal.partition}`, evictionOf(signal))
  }

  /** Something came, whatever will be read from it; told before the states that follow it are judged. */
  heard({ source, partition, messages }: RawBatch, now: number): void {
    if (messages.length === 0) return
    this.#rhythm(source, now).hear(messages, now)
    this.#partition(source, partition, now).backlog.read(now)
  }

  read(batch: RawBatch, records: number, quarantined: number, now: number): void {
    const source = this.#source(batch.source, now)
    source.read += records
    source.quarantined += quarantined
  }

  /** What the batch jumped over, or else has to tell; asked before it is committed, so that one commit holds both. */
  gap({ source, partition, gap, notice }: RawBatch): void {
    const subject = `${source} ${partition}`
    if (notice !== undefined) this.#once(notice.code, subject, notice.detail)
    if (gap !== undefined) this.#once('sequence-gap', subject, gapDetail(gap))
  }

  /** What holds now, said as raised or cleared; saying the same again changes nothing. */
  check(now: number): HealthReport[] {
    const reports = [...this.#gaps.splice(0), ...this.#evicted.values()]
    for (const each of this.#partitions.values())
      reports.push(this.#reach(each, now), this.#lag(each, now), this.#growth(each, now))
    for (const [name, rhythm] of this.#rhythms) reports.push(...this.#silence(name, rhythm, now))
    for (const [name, source] of this.#sources) reports.push(...this.#unreadable(name, source, now))
    return reports
  }

  view(): PartitionView[] {
    return [...this.#partitions.values()].map(({ since: _, backlog: __, ...view }) => view)
  }

  /** An instant, not a condition: it opens and closes at once, and stays in the SIEM. */
  #once(code: HealthReport['code'], subject: string, detail: string): void {
    this.#gaps.push({ code, subject, state: 'raised', detail }, { code, subject, state: 'cleared', detail })
  }

  #forget(key: string): void {
    this.#partitions.delete(key)
    this.#evicted.delete(key)
  }

  #reach(each: Partition, now: number): HealthReport {
    const seconds = (now - each.since) / 1000
    const bad = each.state === 'cut-off' && seconds >= this.#settings.cutOffSecondsMax
    const detail = `Out of reach for ${Math.round(seconds)} s: ${each.reason ?? 'no reason given'}`
    return {
      code: 'source-cut-off',
      subject: `${each.source} ${each.partition}`,
      state: bad ? 'raised' : 'cleared',
      detail,
    }
  }

  #lag(each: Partition, now: number): HealthReport {
    const seconds = (now - each.since) / 1000
    const bad = each.state === 'lagging' && seconds >= this.#settings.lagSecondsMax
    const detail = `Behind for ${Math.round(seconds)} s${each.behind === undefined ? '' : `, ${each.behind} waiting`}.`
    return {
      code: 'partition-stalled',
      subject: `${each.source} ${each.partition}`,
      state: bad ? 'raised' : 'cleared',
      detail,
    }
  }

  #growth(each: Partition, now: number): HealthReport {
    const minutes = each.backlog.risingMinutes(now)
    const bad = minutes >= this.#settings.lagGrowsMinutesMax
    return {
      code: 'lag-grows',
      subject: `${each.source} ${each.partition}`,
      state: bad ? 'raised' : 'cleared',
      detail: `Its backlog has grown for ${minutes} minutes, to ${each.behind ?? 0}.`,
    }
  }

  /** Who cannot be reached, or has records waiting, is not silent as far as anybody knows: nothing is said of it. */
  #silence(name: string, rhythm: Rhythm, now: number): HealthReport[] {
    const quietMs = rhythm.quietMs(now)
    const allowedMs = this.#settings.silentMs[name] ?? rhythm.allowedMs(now, this.#settings)
    const bad = quietMs >= allowedMs && !this.#over.has(name)
    if (bad && !this.#caughtUp(name)) return []
    // That we were away ends no silence that was told before.
    if (!bad && !rhythm.heard) return []
    const detail = `Nothing came for ${seconds(quietMs)} s; ${seconds(allowedMs)} s are usual at most.`
    return [{ code: 'source-silent', subject: name, state: bad ? 'raised' : 'cleared', detail }]
  }

  #caughtUp(source: string): boolean {
    const partitions = [...this.#partitions.values()].filter((each) => each.source === source)
    return partitions.length > 0 && partitions.every(({ state }) => state === 'caught-up')
  }

  #unreadable(name: string, source: Source, now: number): HealthReport[] {
    if (now - source.minute < MINUTE_MS) return []
    const share = source.read < RECORDS_MIN ? 0 : source.quarantined / source.read
    const bad = share > this.#settings.quarantineShareMax
    const detail = `${source.quarantined} of ${source.read} records of the last minute.`
    Object.assign(source, { minute: now, read: 0, quarantined: 0 })
    return [{ code: 'quarantine-rate', subject: name, state: bad ? 'raised' : 'cleared', detail }]
  }

  #partition(source: string, partition: string, now: number): Partition {
    const key = `${source}\n${partition}`
    const had = this.#partitions.get(key)
    if (had !== undefined) return had
    const fresh: Partition = { source, partition, state: 'unknown', since: now, backlog: new Backlog() }
    this.#partitions.set(key, fresh)
    return fresh
  }

  /** How the source delivers; whoever asks means to change it. */
  #rhythm(source: string, now: number): Rhythm {
    this.#changed.add(source)
    const had = this.#rhythms.get(source)
    if (had !== undefined) return had
    const fresh = new Rhythm(source, now)
    this.#rhythms.set(source, fresh)
    return fresh
  }

  #source(name: string, now: number): Source {
    const had = this.#sources.get(name)
    if (had !== undefined) return had
    const fresh: Source = { minute: now, read: 0, quarantined: 0 }
    this.#sources.set(name, fresh)
    return fresh
  }
}

function seconds(ms: number): number {
  return Math.round(ms / 1000)
}

function evictionOf({ source, partition, code, reason }: PartitionState): HealthReport {
  const state = code === undefined ? 'cleared' : 'raised'
  const detail = reason ?? 'The partition is read again.'
  return { code: 'reader-evicted', subject: `${source} ${partition}`, state, detail }
}

/** Where the places are numbers in a row, it can be said how many are gone. */
function gapDetail({ after, next }: NonNullable<RawBatch['gap']>): string {
  const lost = Number(next) - Number(after) - 1
  if (!(lost > 0)) return `${after} was followed by ${next}; what lay between could not be read.`
  return `Sequence number ${after} was followed by ${next}. Messages gone: ${lost}, from ${Number(after) + 1} to ${Number(next) - 1}.`
}
