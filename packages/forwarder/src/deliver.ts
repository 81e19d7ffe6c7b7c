import { backoffMs, type Clock, messageOf, type Report } from '@weir/runtime'
import { Flight } from './flight.ts'
import type { OutputStates } from './output-state.ts'
import { NotYet, SetupRefused } from './outputs/refused.ts'
import { type SendParts, sendNext } from './send-next.ts'
import type { Outcome } from './spool/spool.ts'

export interface DeliverParts extends SendParts {
  readonly states: OutputStates
  readonly clock: Clock
  readonly report: Report
  readonly random: () => number
}

/**
 * One output's way through the spool, until the signal aborts; sends under way then have `stopMs` to end.
 * No other output waits for it.
 */
export async function deliver(parts: DeliverParts, signal: AbortSignal): Promise<void> {
  const grace = graceAfter(signal, parts)
  try {
    await deliverAll(parts, signal, grace.signal)
  } finally {
    grace.release()
  }
}

async function deliverAll(parts: DeliverParts, signal: AbortSignal, grace: AbortSignal): Promise<void> {
  const attempts = { failures: 0 }
  while (!signal.aborted) {
    const flight = new Flight()
    try {
      await deliverWhileWell(parts, flight, attempts, signal, grace)
    } catch (error) {
      await remember(parts, flight, grace)
      if (signal.aborted) return
      await waitAfter(parts, error, ++attempts.failures, signal)
    }
  }
}

/**
 * Sends batch after batch until one fails: the next one is picked only when it can go, so that an urgent alert
 * goes before whatever else waits. What is under way at the end comes to its own.
 */
async function deliverWhileWell(
  parts: DeliverParts,
  flight: Flight,
  attempts: { failures: number },
  signal: AbortSignal,
  grace: AbortSignal,
): Promise<void> {
  const { output, spool, states } = parts
  while (!signal.aborted || flight.size > 0) {
    const seen = spool.changes.version
    const open = !signal.aborted && flight.size < (output.sendsMax ?? 1)
    if (open && sendNext(parts, flight, grace)) continue
    if (flight.size === 0) states.well(output.name)
    if (await landsBefore(parts, flight, seen, open, signal)) {
      await settleOldest(parts, flight, grace)
      attempts.failures = 0
      states.well(output.name)
    }
  }
}

/** True once the oldest batch has landed; false when there may be something to send before that. Throws as it fails. */
async function landsBefore(
  { spool }: DeliverParts,
  flight: Flight,
  seen: number,
  open: boolean,
  signal: AbortSignal,
): Promise<boolean> {
  const oldest = flight.oldest()
  if (oldest !== undefined && !open) return oldest.done.then(() => true)
  const over = new AbortController()
  const changed = spool.changes.after(seen, AbortSignal.any([signal, over.signal])).then(() => false)
  try {
    return await (oldest === undefined ? changed : Promise.race([oldest.done.then(() => true), changed]))
  } finally {
    over.abort()
  }
}

/**
 * What was acknowledged is recorded until that succeeds, rather than sent again because the disk is full.
 */
async function settleOldest(parts: DeliverParts, flight: Flight, signal: AbortSignal): Promise<void> {
  const { spool, output, report } = parts
  const { batch, done, filtered } = flight.oldest()!
  const outcome = await done
  if (batch !== undefined) {
    await recorded(parts, () => spool.settle(output.name, batch, outcome), signal)
    const passed = batch.entries.length - outcome.acknowledged.length - outcome.refused.length
    count(parts, outcome, passed)
    report.count('output_filtered', { output: output.name }, filtered)
  }
  flight.landed()
}

/** Of batches behind the one that failed: what is acknowledged is passed over when it is read again. */
async function remember(parts: DeliverParts, flight: Flight, signal: AbortSignal): Promise<void> {
  const acknowledged = (await flight.allEnded()).flatMap((outcome) => outcome.acknowledged)
  const { spool, output } = parts
  if (acknowledged.length === 0) return
  // What cannot be remembered is sent again; that was reported.
  await recorded(parts, () => spool.remember(output.name, acknowledged), signal).catch(() => undefined)
}

/** Tried at least once, also when the time to stop is over. Rejects only then, with what went wrong. */
async function recorded(
  { output, report, clock, random, limits }: DeliverParts,
  record: () => void,
  signal: AbortSignal,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return record()
    } catch (error) {
      const reason = messageOf(error)
      report.event('error', 'spool_failed', { code: 'STORE_FAILED', output: output.name, reason })
      if (signal.aborted) throw error
      await clock.sleep(backoffMs(limits.outputRetryMs, attempt, random()), signal)
    }
  }
}

function count({ output, report }: DeliverParts, { acknowledged, refused }: Outcome, passed: number): void {
  report.count('output_acknowledged', { output: output.name }, acknowledged.length)
  report.count('output_passed_over', { output: output.name }, passed)
  for (const { entry, reason } of refused)
    report.event('error', 'entry_quarantined', { output: output.name, alert: entry.id, reason }, ['output'])
}

async function waitAfter(
  { spool, output, states, clock, report, random, limits }: DeliverParts,
  error: unknown,
  failures: number,
  signal: AbortSignal,
): Promise<void> {
  const setup = error instanceof SetupRefused
  const reason = messageOf(error)
  states.failed(output.name, reason, clock.now())
  spool.changes.announce()
  const happening = setup ? 'output_setup_refused' : 'output_failed'
  report.event(setup ? 'error' : 'warn', happening, { output: output.name, reason, failures }, ['output'])
  const wait = setup ? limits.configurationRetryMs : backoffMs(limits.outputRetryMs, failures, random())
  const asked = error instanceof NotYet ? Math.min(error.afterMs, limits.retryAfterMsMax) : 0
  await clock.sleep(Math.max(wait, asked), signal)
}

/** A signal that aborts a while after another, until it is released. */
function graceAfter(signal: AbortSignal, { clock, limits }: DeliverParts) {
  const grace = new AbortController()
  const released = new AbortController()
  signal.addEventListener('abort', () => {
    clock.sleep(limits.stopMs, released.signal).then(() => grace.abort())
  })
  return { signal: grace.signal, release: () => released.abort() }
}
