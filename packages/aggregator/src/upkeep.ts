import type { HealthReport, Retention, Store } from '@weir/model'
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
  if (retired.alerts + retired.feedEntries + retired.quarantine > 0)
    report.event('info', 'retired', { ...retired })
  const state = retired.feedClosed > 0 ? 'raised' : 'cleared'
  const detail = `${retired.feedClosed} entries are closed that not every forwarder has fetched.`
  health({ code: 'feed-bound', subject: 'feed', state, detail })
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
