import type { HealthReport, Retention, Retired, Store } from '@weir/model'
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
  while (!signal.aborted) {
    await ports.clock.sleep(UPKEEP_MS, signal)
    if (signal.aborted) return
    try {
      await retireOld(settings, ports)
      await missForwarders(settings, ports, started)
    } catch (error) {
      ports.report.event('error', 'upkeep_failed', { error: messageOf(error) })
    }
  }
}

async function retireOld(
  { retention }: UpkeepSettings,
  { store, clock, report, health }: UpkeepPorts,
): Promise<void> {
  const retired = await store.retire(retention, clock.now())
  const { feedClosedBy, ...counts } = retired
  if (retired.alerts + retired.feedEntries + retired.quarantine > 0)
    report.event('info', 'retired', { ...counts })
  const state = retired.feedClosed > 0 ? 'raised' : 'cleared'
  const detail = `${retired.feedClosed} entries are closed that not every forwarder has fetched${byRule(feedClosedBy)}.`
  health({ code: 'feed-bound', subject: 'feed', state, detail })
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
