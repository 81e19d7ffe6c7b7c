import type { SourceContext } from '@weir/model'
import type { Backoff } from '@weir/runtime'
import { awsFailure } from '../aws/failure.ts'
import { Standing } from '../aws/standing.ts'
import type { SourceDeps } from '../deps.ts'
import { DAY_MS } from '../durations.ts'
import { Pace } from '../pace.ts'
import { allEnded } from '../slots.ts'
import type { ListingWay, S3Config } from './config.ts'
import { type DayFolders, daysFrom, findFolders, startAfter } from './folders.ts'
import { wanted } from './keys.ts'
import { bareEtag, type S3Object } from './notice.ts'
import type { S3Service } from './object.ts'
import type { ObjectReader } from './object-reader.ts'

const BACKOFF: Backoff = { firstMs: 1_000, maxMs: 60_000 }
/** Cursor with the first day that is ever read. */
const SINCE = '#since'
/** Objects refused in one look; at one more the look ends, because it will be all of them. */
const REFUSED_MAX = 100
const NEEDS = 's3:ListBucket or s3:GetObject'

/** Finds the objects of a bucket by listing the folders of days, until the signal aborts. */
export class ListingReader {
  readonly #config: S3Config
  readonly #way: ListingWay
  readonly #deps: SourceDeps
  readonly #context: SourceContext
  readonly #service: S3Service
  readonly #objects: ObjectReader
  readonly #pace: Pace
  readonly #standing: Standing
  /** The last key that a folder of a day has shown. */
  readonly #last = new Map<string, string>()
  #folders: readonly DayFolders[] = []
  #since: number | undefined
  #discoverAt = 0
  #recheckAt = 0
  /** Objects refused in this look, up to a bound, and why the first of them was. */
  #refused: { readonly object: string; readonly error: unknown }[] = []

  constructor(
    config: S3Config,
    way: ListingWay,
    deps: SourceDeps,
    context: SourceContext,
    service: S3Service,
    objects: ObjectReader,
  ) {
    this.#config = config
    this.#way = way
    this.#deps = deps
    this.#context = context
    this.#service = service
    this.#objects = objects
    const where = { source: config.name, partition: way.bucket }
    this.#standing = new Standing(where, BACKOFF, deps, context)
    this.#pace = new Pace(deps.clock, config.listingsPerSecondMax)
    const stored = Number(context.cursors.get(SINCE) || Number.NaN)
    this.#since = Number.isFinite(stored) ? stored : undefined
  }

  async run(): Promise<void> {
    const { signal } = this.#context
    for (let failures = 0; !signal.aborted; ) {
      const now = this.#deps.clock.now()
      try {
        await this.#poll(now)
        failures = 0
        await this.#standing.tell('caught-up', now)
        await this.#deps.clock.sleep(this.#config.pollMs, signal)
      } catch (error) {
        if (signal.aborted) return
        await this.#cutOff(error, ++failures)
      }
    }
  }

  async #poll(now: number): Promise<void> {
    const first = await this.#firstDay(now)
    if (now >= this.#discoverAt) await this.#discover(now)
    const whole = now >= this.#recheckAt
    // Around midnight the day before still grows.
    const from = whole ? now - this.#config.daysBack * DAY_MS : now - this.#config.overlapMs
    const days = daysFrom(Math.max(from, first), now)
    this.#refused = []
    const jobs = this.#folders.flatMap((folders) => days.map((day) => this.#readDay(folders.of(day), whole)))
    await allEnded(jobs)
    if (this.#refused.length > 0) throw this.#refused[0]!.error
    if (!whole) return
    this.#recheckAt = now + this.#config.recheckMs
    await this.#forget(now)
  }

  /** The day of the very first run less `daysFirst`, settled once and kept: nothing before it is ever read. */
  async #firstDay(now: number): Promise<number> {
    // One that lies ahead was settled by a clock that was wrong: nothing would be read until then.
    if (this.#since !== undefined && this.#since <= now) return this.#since
    return this.#setFirstDay(now - (now % DAY_MS) - this.#config.daysFirst * DAY_MS)
  }

  async #setFirstDay(day: number): Promise<number> {
    this.#since = day
    await this.#objects.deliverCursors([{ key: SINCE, value: String(day) }])
    return day
  }

  async #discover(now: number): Promise<void> {
    const { foldersMax, discoverMs, name: source } = this.#config
    const found = await findFolders(this.#way, (prefix) => this.#foldersBelow(prefix), foldersMax)
    if (found.length >= foldersMax) this.#deps.report.event('error', 'folders_bound', { source }, ['source'])
    const known = new Set(this.#folders.map(({ name }) => name))
    // A new account or region may have days behind it already.
    if (found.some(({ name }) => !known.has(name))) this.#recheckAt = 0
    this.#folders = found
    this.#discoverAt = now + discoverMs
  }

  async #readDay(folder: string, whole: boolean): Promise<void> {
    const last = whole ? undefined : this.#last.get(folder)
    const after = last === undefined ? undefined : startAfter(last, this.#config.overlapMs)
    for await (const page of this.#pages(folder, after)) {
      const fresh = page.filter((object) => wanted(object, this.#config.keys) && !this.#objects.knows(object))
      await allEnded(fresh.map((object) => this.#read(object)))
      const end = page.at(-1)?.key
      if (end !== undefined) this.#last.set(folder, end)
    }
  }

  /** One that is refused by itself, as by a key that it is encrypted with, holds up none of those behind it. */
  async #read(object: S3Object): Promise<void> {
    try {
      await this.#readOrGiveUp(object)
    } catch (error) {
      if (!awsFailure(error).hopeless || this.#refused.length >= REFUSED_MAX) throw error
      this.#refused.push({ object: `${object.bucket}/${object.key}`, error })
    }
  }

  async #readOrGiveUp(object: S3Object): Promise<void> {
    const outcome = await this.#objects.read(object)
    if (outcome.kind === 'read') return
    const reason = outcome.kind === 'missing' ? 'is not there any more' : outcome.reason
    const details = { source: this.#config.name, object: `${object.bucket}/${object.key}`, reason }
    this.#deps.report.event(outcome.kind === 'missing' ? 'warn' : 'error', 'object_unreadable', details, [
      'source',
    ])
    await this.#objects.giveUp(object, `${object.bucket}/${object.key} ${reason}`)
  }

  async *#pages(prefix: string, after: string | undefined): AsyncGenerator<readonly S3Object[]> {
    const { bucket } = this.#way
    let token: string | undefined
    do {
      const answer = await this.#list({ Prefix: prefix, StartAfter: after, ContinuationToken: token })
      yield (answer.Contents ?? []).map(({ Key: key = '', ETag: etag = '' }) => ({
        bucket,
        key,
        etag: bareEtag(etag),
      }))
      token = answer.IsTruncated === true ? answer.NextContinuationToken : undefined
    } while (token !== undefined)
  }

  async #foldersBelow(prefix: string): Promise<readonly string[]> {
    const folders: string[] = []
    let token: string | undefined
    do {
      const answer = await this.#list({ Prefix: prefix, Delimiter: '/', ContinuationToken: token })
      folders.push(...(answer.CommonPrefixes ?? []).map(({ Prefix = '' }) => Prefix))
      token = answer.IsTruncated === true ? answer.NextContinuationToken : undefined
    } while (token !== undefined)
    return folders
  }

  async #list(what: {
    readonly Prefix: string
    readonly Delimiter?: string
    readonly StartAfter?: string | undefined
    readonly ContinuationToken: string | undefined
  }) {
    const { signal } = this.#context
    await this.#pace.turn(signal)
    const command = new this.#service.sdk.ListObjectsV2Command({ Bucket: this.#way.bucket, ...what })
    return this.#service.client.send(command, { abortSignal: signal })
  }

  /** What was read on a day that is still listed must be remembered; by a clock that is behind, it was read a day earlier. */
  async #forget(now: number): Promise<void> {
    const today = now - (now % DAY_MS)
    const end = await this.#objects.forget(today - (this.#config.daysBack + 1) * DAY_MS)
    if (end > (this.#since ?? 0)) await this.#setFirstDay(end)
    const days = new Set(daysFrom(now - this.#config.daysBack * DAY_MS, now))
    const listed = new Set(this.#folders.flatMap(({ of }) => [...days].map((day) => of(day))))
    for (const folder of this.#last.keys()) if (!listed.has(folder)) this.#last.delete(folder)
  }

  async #cutOff(error: unknown, failures: number): Promise<void> {
    const { reason, hopeless } = awsFailure(error, NEEDS)
    const refused = this.#refused.find((each) => each.error === error)?.object
    const named = refused === undefined ? reason : `${reason} (${refused})`
    await this.#standing.cutOff({ reason: named, hopeless }, failures)
  }
}
