import { type EventSource, isObject, type SourceContext } from '@weir/model'
import type { Backoff } from '@weir/runtime'
import { awsFailure } from '../aws/failure.ts'
import { clientOptions } from '../aws/place.ts'
import { Standing } from '../aws/standing.ts'
import { ByteBudget } from '../byte-budget.ts'
import type { SourceDeps } from '../deps.ts'
import type { CredentialReportConfig } from './config.ts'
import { type CredentialReport, fetchReport, type IamService, openIam } from './report.ts'

const DATASET = 'aws.iam_credential_report'
const PARTITION = 'credential-report'
const CURSOR = 'report'
const BACKOFF: Backoff = { firstMs: 5_000, maxMs: 300_000 }
const NEEDS = 'iam:GenerateCredentialReport or iam:GetCredentialReport'
const NEWLINE = 0x0a

/** How far the last report is delivered. */
interface Reached {
  readonly madeAt: number
  /** Bytes of its rows. */
  readonly offset: number
  readonly whole: boolean
  /** It is no news: another report of its day was. */
  readonly repeated: boolean
}

/**
 * Has IAM make its credential report, again and again, and delivers its rows. The first report of a day is news; a
 * later one of the same day is delivered as a repeat.
 *
 * Throws `WeirError` CONFIG_INVALID for an endpoint that is not on this machine, and rejects with it where the
 * package of AWS is not installed.
 */
export function credentialReportSource(config: CredentialReportConfig, deps: SourceDeps): EventSource {
  clientOptions(config.name, config.place, config.endpoint)
  return {
    name: config.name,
    async run(context: SourceContext): Promise<void> {
      const service = await openIam(config)
      try {
        await context.deliver({ kind: 'partitions', source: config.name, partitions: [PARTITION] })
        await new ReportReader(config, deps, context, service).run()
      } finally {
        service.client.destroy()
      }
    },
  }
}

class ReportReader {
  readonly #config: CredentialReportConfig
  readonly #deps: SourceDeps
  readonly #context: SourceContext
  readonly #service: IamService
  readonly #budget: ByteBudget
  readonly #standing: Standing
  #reached: Reached | undefined

  constructor(config: CredentialReportConfig, deps: SourceDeps, context: SourceContext, service: IamService) {
    this.#config = config
    this.#deps = deps
    this.#context = context
    this.#service = service
    this.#budget = new ByteBudget(config.bytesInFlightMax)
    const where = { source: config.name, partition: PARTITION }
    this.#standing = new Standing(where, BACKOFF, deps, context)
    this.#reached = reachedIn(context.cursors.get(CURSOR))
  }

  async run(): Promise<void> {
    const { signal } = this.#context
    for (let failures = 0; !signal.aborted; ) {
      try {
        await this.#deliverReport(await fetchReport(this.#service, this.#config, this.#deps.clock, signal))
        failures = 0
        await this.#rest()
      } catch (error) {
        if (signal.aborted) return
        await this.#standing.cutOff(awsFailure(error, NEEDS), ++failures)
      }
    }
  }

  async #deliverReport(report: CredentialReport): Promise<void> {
    const before = this.#reached
    const same = before?.madeAt === report.madeAt
    if (same && before.whole) return
    const repeated = same ? before.repeated : before?.whole === true && isSameDay(before, report)
    let offset = same ? before.offset : 0
    do {
      const end = endOfPiece(report.rows, offset, this.#config.chunkBytes)
      await this.#deliver(report, offset, end, repeated)
      offset = end
    } while (offset < report.rows.length)
  }

  async #deliver(report: CredentialReport, offset: number, end: number, repeated: boolean): Promise<void> {
    const { madeAt, columns, rows } = report
    const made = new Date(madeAt).toISOString()
    const bytes = rows.subarray(offset, end)
    await this.#budget.take(bytes.length, this.#context.signal)
    let held = bytes.length
    const reached = { madeAt, offset: end, whole: end >= rows.length, repeated }
    const message = {
      bytes,
      at: `${made}@${offset}`,
      arrival: madeAt,
      dataset: DATASET,
      format: { kind: 'csv', columns, more: { report_time: made } },
      ...(repeated && { repeated }),
    } as const
    await this.#context.deliver({
      kind: 'batch',
      source: this.#config.name,
      partition: PARTITION,
      messages: [message],
      cursors: [{ source: this.#config.name, key: CURSOR, value: JSON.stringify(reached) }],
      committed: () => {
        this.#budget.give(held)
        held = 0
      },
    })
    this.#reached = reached
  }

  /** Until the next report is due there is nothing to read. */
  async #rest(): Promise<void> {
    const { clock } = this.#deps
    const { signal } = this.#context
    const due = clock.now() + this.#config.everyMs
    for (let now = clock.now(); now < due && !signal.aborted; now = clock.now()) {
      await this.#standing.tell('caught-up', now)
      await clock.sleep(Math.min(this.#config.statusMs, due - now), signal)
    }
  }
}

/** Behind the last whole row within so many bytes, at least one row. */
function endOfPiece(rows: Buffer, offset: number, chunkBytes: number): number {
  if (rows.length - offset <= chunkBytes) return rows.length
  const last = rows.lastIndexOf(NEWLINE, offset + chunkBytes - 1)
  const end = last > offset ? last : rows.indexOf(NEWLINE, offset)
  return end === -1 ? rows.length : end + 1
}

function isSameDay(before: Reached, { madeAt }: CredentialReport): boolean {
  return dayOf(before.madeAt) === dayOf(madeAt)
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}

function reachedIn(cursor: string | undefined): Reached | undefined {
  const value: unknown = JSON.parse(cursor || 'null')
  if (!isObject(value)) return undefined
  const { madeAt, offset, whole, repeated } = value
  const known = typeof madeAt === 'number' && typeof offset === 'number' && typeof whole === 'boolean'
  return known ? { madeAt, offset, whole, repeated: repeated === true } : undefined
}
