import type { BoundRetired, HealthReport, Retention, Retired, Store } from '@weir/model'
import { type Clock, messageOf, type Report } from '@weir/runtime'

export interface UpkeepSettings {
  readonly retention: Retention
  readonly forwarderGoneSecondsMax: number
}

export interface UpkeepPorts {
  readonly store: Store
  readonly clock: Clock
  readonly report: Report
  readonly health: (report: HealthReport) => void
}

/** How often what is kept is looked through. */
const UPKEEP_MS = 30_000
/** Rules that the alert of a bound names; of the others it says how many. */
const RULES_MAX = 10

/** Every half minute until the signal aborts: what is too old or too much goes, and who fell silent is named. */
export async function keepUp(
  settings: UpkeepSettings,
  ports: UpkeepPorts,
  signal: AbortSignal,
): Promise<void> {
  const started = ports.clock.now()
  const bound = new StoreBound(started)
  while (!signal.aborted) {
    await ports.clock.sleep(UPKEEP_MS, signal)
    if (signal.aborted) return
    try {
      await retireOld(settings, ports, bound)
      await missForwarders(settings, ports, started)
    } catch (error) {
      ports.report.event('error', 'upkeep_failed', { error: messageOf(error) })
    }
  }
}

async function retireOld(
  { retention }: UpkeepSettings,
  { store, clock, report, health }: UpkeepPorts,
  storeBound: StoreBound,
): Promise<void> {
  const { bound, ...retired } = await store.retire(retention, clock.now())
  const { feedClosedBy, ...counts } = retired
  if (retired.alerts + retired.feedEntries + retired.quarantine > 0)
    report.event('info', 'retired', { ...counts })
  const state = retired.feedClosed > 0 ? 'raised' : 'cleared'
  const detail = `${retired.feedClosed} entries are closed that not every forwarder has fetched${byRule(feedClosedBy)}.`
  health({ code: 'feed-bound', subject: 'feed', state, detail })
  const said = storeBound.see(bound, clock.now())
  if (said !== undefined) health(said)
}

/** Time without removals for the bound after which it counts as kept again; else it would come and go with every look. */
const BOUND_QUIET_MS = 3_600_000

/** What was removed for `storeBytesMax` since that began. */
class StoreBound {
  #last: number
  #alerts = 0
  #quarantine = 0

  /** @param started what was said in a former life stands until it has been quiet for so long. */
  constructor(started: number) {
    this.#last = started
  }

  see({ alerts, quarantine, alertsUpTo, bytesOver }: BoundRetired, now: number): HealthReport | undefined {
    const code = { code: 'store-bound', subject: 'store' } as const
    if (alerts + quarantine + bytesOver === 0) {
      if (now - this.#last < BOUND_QUIET_MS) return undefined
      this.#alerts = 0
      this.#quarantine = 0
      return { ...code, state: 'cleared', detail: 'The store is within its bound.' }
    }
    this.#last = now
    this.#alerts += alerts
    this.#quarantine += quarantine
    const upTo = alertsUpTo === undefined ? '' : `, those up to ${new Date(alertsUpTo).toISOString()}`
    const removed = `${this.#alerts} closed alerts${upTo}, and ${this.#quarantine} quarantined records were removed`
    const over = bytesOver === 0 ? '' : ` It is ${bytesOver} bytes over, and nothing is left that may go.`
    const detail = `At ${new Date(now).toISOString()} ${removed} to keep within storeBytesMax.${over}`
    return { ...code, state: 'raised', detail }
  }
}

function byRule(closed: Retired['feedClosedBy']): string {
  if (closed.length === 0) return ''
  const named = closed.slice(0, RULES_MAX).map(({ rule, entries }) => `${entries} of ${rule}`)
  const others = closed.length > RULES_MAX ? `, and of ${closed.length - RULES_MAX} more rules` : ''
  return `: ${named.join(', ')}${others}`
}

async function missForwarders(settings: UpkeepSettings, ports: UpkeepPorts, started: number): Promise<void> {
  const states = new Map((await ports.store.forwarders()).map((each) => [each.name, each]))
  for (const name of settings.retention.forwarders) {
    const seconds = (ports.clock.now() - Math.max(started, states.get(name)?.lastSeen ?? 0)) / 1000
    const gone = seconds > settings.forwarderGoneSecondsMax
    const detail = `Not heard of for ${Math.round(seconds)} s.`
    ports.health({ code: 'forwarder-gone', subject: name, state: gone ? 'raised' : 'cleared', detail })
  }
}
