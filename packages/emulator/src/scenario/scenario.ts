import { attack, type Planted } from './attack/attack.ts'
import { background, type Span } from './background.ts'
import { brokenMessages, damagedRecords } from './damaged.ts'
import { type Delivery, deliveriesOf } from './deliveries.ts'
import { nearMisses } from './near-misses.ts'
import type { BrokenMessage, Happening, Planned } from './planned.ts'
import { Random } from './random.ts'
import { REPAIRABLE, type SpoilKind } from './spoil.ts'
import { STREAMS } from './streams.ts'
import { createTenant, type Tenant } from './tenant.ts'
import { HOUR_MS, MINUTE_MS } from './times.ts'

export interface ScenarioOptions {
  /** Epoch milliseconds; nothing happens and nothing is handed over later. */
  readonly end: number
  readonly hours: number
  /** Records in all, within a few in a hundred. */
  readonly records: number
}

/** What is in the scenario, in records. */
export interface Totals {
  /** All that a reader counts: `good` + `duplicates` + `unreadable`. */
  readonly records: number
  readonly good: number
  /** Records handed over a second time. */
  readonly duplicates: number
  /** Among the good ones: those that are no JSON until they are mended. */
  readonly repairable: number
  /** Records, lines and whole messages of which nothing can be made. */
  readonly unreadable: number
  /** Handed over more than half an hour after their time. */
  readonly late: number
}

/** Traffic of a mid-size company over some hours, and an attack hidden in it. */
export interface Scenario {
  readonly tenant: Tenant
  readonly planted: readonly Planted[]
  readonly totals: Totals
  /** In the order in which they are handed over; written as they are asked for, the same ones every time. */
  deliveries(): Iterable<Delivery>
}

/** The same scenario, byte for byte, for the same seed and options. */
export function createScenario(seed: number, options: ScenarioOptions): Scenario {
  const tenant = createTenant(seed)
  const random = new Random(seed)
  const span = { from: options.end - options.hours * HOUR_MS, to: options.end }
  const { happenings, planted } = attack(tenant, random, span)
  const hidden = [
    ...happenings,
    ...nearMisses(tenant, random, span),
    ...damagedRecords(tenant, random, span, options.records),
  ]
  const rest = Math.round(options.records / (1 + REPEATED_SHARE)) - hidden.length
  const ordinary = background(tenant, random, span, Math.max(0, rest)).map((each) => disturbed(each, random))
  const plan = [...hidden, ...ordinary].flatMap((each) => planned(each, random, span))
  const broken = brokenMessages(random, span)
  return {
    tenant,
    planted,
    totals: totalsOf(plan, broken),
    deliveries: () =>
      deliveriesOf(
        tenant,
        seed,
        plan.map(({ record }) => record),
        broken,
      ),
  }
}

/** Of the ordinary records: those held back, and those handed over twice. */
const HELD_BACK_SHARE = 0.012
const REPEATED_SHARE = 0.01

function disturbed(happening: Happening, random: Random): Happening {
  const flow = happening.lane !== undefined
  const { heldBackMsMax } = STREAMS[happening.stream]
  return {
    ...happening,
    ...(random.chance(HELD_BACK_SHARE) ? { heldBack: random.between(5 * MINUTE_MS, heldBackMsMax) } : {}),
    ...(!flow && random.chance(REPEATED_SHARE) ? { twice: true } : {}),
  }
}

interface Entry {
  readonly record: Planned
  readonly repeat: boolean
}

/** The longest that a service takes without holding a record back on purpose. */
const JITTER_MS_MAX = 7 * MINUTE_MS
/** Longer than any message stays open, so that a repeat comes in another. */
const REPEAT_MS = { least: 4 * MINUTE_MS, most: 15 * MINUTE_MS }

function planned(happening: Happening, random: Random, span: Span): Entry[] {
  const { stream, time, lane = '', write, heldBack = 0, spoiled } = happening
  const { delayMs, jitterMs } = STREAMS[stream]
  const jitter = Math.min(JITTER_MS_MAX, Math.round(random.exponential(jitterMs)))
  const arrival = Math.min(span.to, time + delayMs + jitter + heldBack)
  const base = {
    stream,
    time,
    lane,
    write,
    seed: random.uint32(),
    ...(spoiled === undefined ? {} : { spoiled }),
  }
  const first = { record: { ...base, arrival }, repeat: false }
  const again = arrival + random.between(REPEAT_MS.least, REPEAT_MS.most)
  if (happening.twice !== true || again > span.to) return [first]
  return [first, { record: { ...base, arrival: again }, repeat: true }]
}

function totalsOf(plan: readonly Entry[], broken: readonly BrokenMessage[]): Totals {
  const spoiled = plan.flatMap(({ record }) => record.spoiled ?? [])
  const repairable = spoiled.filter(isRepairable).length
  const duplicates = plan.filter(({ repeat }) => repeat).length
  const unreadable = spoiled.length - repairable + broken.length
  const records = plan.length + broken.length
  return {
    records,
    good: records - duplicates - unreadable,
    duplicates,
    repairable,
    unreadable,
    late: plan.filter(({ record }) => record.arrival - record.time > HOUR_MS / 2).length,
  }
}

function isRepairable(kind: SpoilKind): boolean {
  return (REPAIRABLE as readonly string[]).includes(kind)
}
