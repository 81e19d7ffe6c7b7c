import type { FeedStore } from '@weir/model'
import type { Clock } from '@weir/runtime'
import { Bell } from '../../bell.ts'
import { Page, type PageRequest } from './page.ts'

export interface Waiting {
  /** How long to wait for a first alert. */
  readonly waitMs: number
  /** How long to hold the page back then, for those right behind it; never beyond the wait. */
  readonly coalesceMs: number
  readonly clock: Clock
  /** Ends the wait at once; what is there by then is returned. */
  readonly signal: AbortSignal
}

/**
 * The next page after a cursor, as soon as it has an alert in it; at the end of the wait whatever there is,
 * `undefined` when that is nothing.
 */
export async function nextPage(
  store: FeedStore,
  request: PageRequest,
  waiting: Waiting,
): Promise<Page | undefined> {
  const bell = new Bell(waiting.clock)
  // Subscribed before the first read: what is committed in between rings, so that no wake-up is lost.
  const unsubscribe = store.onAppend((lane) => {
    if (lane === request.lane) bell.ring()
  })
  try {
    return await awaitPage(store, request, waiting, bell)
  } finally {
    unsubscribe()
  }
}

async function awaitPage(
  store: FeedStore,
  request: PageRequest,
  { waitMs, coalesceMs, clock, signal }: Waiting,
  bell: Bell,
): Promise<Page | undefined> {
  const deadline = clock.now() + waitMs
  const leftMs = (): number => Math.max(0, deadline - clock.now())
  let skipped = new Page(request)
  for (;;) {
    const page = await skipped.fork().fill(store)
    if (page.full) return page
    if (page.worthSending) {
      await clock.sleep(Math.min(coalesceMs, leftMs()), signal)
      // Read anew: a revision that came meanwhile replaces the one before it, and only it crosses.
      return await skipped.fork().fill(store)
    }
    if (leftMs() === 0 || signal.aborted) return page.empty ? undefined : page
    skipped = page
    await bell.heard(leftMs(), signal)
  }
}
