import { systemClock } from '@weir/runtime'

/** How often the condition is looked at. */
const POLL_MS = 100
/** After so long without the condition the test has failed; generous, because the machine may be busy. */
const WAIT_SECONDS_MAX = 45

/** Looks until there is something to see; rejects with what was waited for. */
export async function until<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
  const end = systemClock.now() + WAIT_SECONDS_MAX * 1000
  for (;;) {
    const seen = await look()
    if (seen !== undefined && seen !== false) return seen
    if (systemClock.now() > end) throw new Error(`waited ${WAIT_SECONDS_MAX} s in vain until ${what}`)
    await systemClock.sleep(POLL_MS)
  }
}
