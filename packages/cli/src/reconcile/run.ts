import { readAggregatorConfig, readSources, type SourceConfig } from '@weir/aggregator'
import { systemClock, WeirError } from '@weir/runtime'
import { withClient } from '../connection.ts'
import type { ConnectionOptions } from '../connection-options.ts'
import { EXIT } from '../exit.ts'
import { type Output, outputOf } from '../output.ts'
import { COMPARE_BOUNDS, type Compared, compareSides, type TellOnly } from './compare.ts'
import { Handover } from './handover.ts'
import type { Interval } from './side.ts'

export interface ReconcileOptions extends ConnectionOptions {
  readonly config: string
  readonly reconcile: readonly string[]
  readonly with?: string
  readonly from: string
  readonly to: string
  readonly lateHours: number
  readonly consumerGroup?: string
  readonly process?: boolean
  readonly json?: boolean
}

interface Sides {
  readonly first: SourceConfig
  readonly second: SourceConfig
  /** Names of those that the aggregator reads itself. */
  readonly read: ReadonlySet<string>
}

/** Exit 1 when one side had what the other had not. */
export async function runReconcile(options: ReconcileOptions, of: NodeJS.Process): Promise<void> {
  const sides = sidesOf(options, of.env)
  const interval = intervalOf(options)
  const output = outputOf(of)
  warn(sides, interval, options, output)
  const compare = (tell: TellOnly) => compareSides(sides.first, sides.second, interval, COMPARE_BOUNDS, tell)
  let processed = 0
  let compared: Compared
  if (options.process !== true) compared = await compare(() => undefined)
  else {
    let found: Compared | undefined
    await withClient(options, of.env, async (client) => {
      const handover = new Handover(client)
      found = await compare((source, seen) => (sides.read.has(source) ? undefined : handover.add(seen)))
      await handover.flush()
      processed = handover.sent
    })
    compared = found!
  }
  say(compared, sides, processed, options, output)
  if (compared.sides.some(({ only }) => only > 0)) of.exitCode = EXIT.findings
  await output.flushed()
  // Cloud libraries keep timers for connections that nobody needs any more.
  of.exit()
}

function sidesOf(options: ReconcileOptions, environment: NodeJS.ProcessEnv): Sides {
  const { sources } = readAggregatorConfig(options.config, environment)
  const more = options.with === undefined ? [] : readSources(options.with, environment)
  const all = [...sources, ...more]
  const [first, second, ...rest] = options.reconcile.map((name) => sourceNamed(name, all, options))
  if (first === undefined || second === undefined || rest.length > 0 || first.name === second.name)
    throw new WeirError('WRONG_USE', '--reconcile takes the names of two sources')
  return { first, second, read: new Set(sources.map((each) => each.name)) }
}

function sourceNamed(
  name: string,
  all: readonly SourceConfig[],
  { consumerGroup }: ReconcileOptions,
): SourceConfig {
  const found = all.find((each) => each.name === name)
  if (found === undefined) {
    const known = all.map((each) => each.name).join(', ')
    throw new WeirError(
      'WRONG_USE',
      `there is no source "${name}"; there are ${known}; --with brings in others`,
    )
  }
  return found.type === 'event-hubs' && consumerGroup !== undefined ? { ...found, consumerGroup } : found
}

const HOUR_MS = 3_600_000

function intervalOf({ from, to, lateHours }: ReconcileOptions): Interval {
  const interval = { from: Date.parse(from), to: Date.parse(to), lateMs: lateHours * HOUR_MS }
  if (interval.from >= interval.to) throw new WeirError('WRONG_USE', '--from must lie before --to')
  if (interval.to > systemClock.now()) throw new WeirError('WRONG_USE', '--to must not lie in the future')
  return interval
}

function warn(
  { first, second, read }: Sides,
  { to, lateMs }: Interval,
  options: ReconcileOptions,
  output: Output,
): void {
  if (systemClock.now() < to + lateMs)
    output.note(`records of the last ${lateMs / HOUR_MS} h before --to may still be under way on either side`)
  const displaced = [first, second].find((each) => each.type === 'event-hubs' && read.has(each.name))
  if (displaced !== undefined && options.consumerGroup === undefined)
    output.note(
      `reading ${displaced.name} in the aggregator's own consumer group; --consumer-group names another`,
    )
  if (options.process === true && read.has(first.name) && read.has(second.name))
    output.note('the aggregator reads both sides itself, so it has missed nothing that either of them had')
}

function say(
  compared: Compared,
  { read }: Sides,
  processed: number,
  options: ReconcileOptions,
  output: Output,
): void {
  const { sides, both, listed } = compared
  const missed = sides.filter(({ source }) => !read.has(source)).reduce((sum, { only }) => sum + only, 0)
  if (options.json === true) output.json({ ...compared, missed, processed })
  else {
    for (const { source, events, only, unreadable } of sides)
      output.line(`${source}  ${events} events, ${only} that the other side lacks, ${unreadable} unreadable`)
    for (const { side, dataset, id, time, position } of listed)
      output.line(
        `only ${side}  ${time}  ${dataset}  ${id}  ${position.partition}@${position.at} record ${position.index}`,
      )
  }
  const lone = sides.reduce((sum, { only }) => sum + only, 0)
  if (lone > listed.length) output.note(`${listed.length} of ${lone} listed`)
  output.note(`${both} events on both sides, ${lone} on one alone; ${missed} missed by the aggregator`)
  if (options.process === true) output.note(`${processed} records handed to the aggregator`)
  else if (missed > 0) output.note('--process hands them to the aggregator')
}
