import type { AlertLine } from '@weir/contract'
import { backoffMs, type Clock, messageOf, type Report, retryForever } from '@weir/runtime'
import { choose } from './choose.ts'
import type { Limits } from './limits.ts'
import type { OutputStates } from './output-state.ts'
import type { Message, Output } from './outputs/output.ts'
import { NotYet, SetupRefused } from './outputs/refused.ts'
import type { Shape } from './shape/shape.ts'
import type { Entry, Refusal } from './spool/entry.ts'
import type { Batch, Outcome, Spool } from './spool/spool.ts'

export interface DeliverParts {
  readonly spool: Spool
  readonly output: Output
  readonly shape: Shape
  readonly states: OutputStates
  readonly clock: Clock
  readonly report: Report
  readonly random: () => number
  readonly limits: Limits
}

/**
 * One output's way through the spool, until the signal aborts; a send under way then has `stopMs` to end.
 * No other
 * output waits for it.
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
  let failures = 0
  while (!signal.aborted) {
    const seen = parts.spool.changes.version
    try {
      const moved = await deliverNext(parts, grace)
      failures = 0
      parts.states.well(parts.output.name)
      if (!moved) await parts.spool.changes.after(seen, signal)
    } catch (error) {
      if (signal.aborted) return
      await waitAfter(parts, error, ++failures, signal)
    }
  }
}

/**
 * Delivers the next batch; false when there is none. A later attempt picks anew, so that an urgent alert
 * goes first.
 */
async function deliverNext(parts: DeliverParts, signal: AbortSignal): Promise<boolean> {
  const { spool, output, limits } = parts
  const entriesMax = output.batchEntriesMax ?? limits.batchEntriesMax
  const batch = spool.next(output.name, entriesMax, limits.batchBytesMax)
  if (batch === undefined && output.inDoubt === 0) return false
  const wanted = choose(batch?.entries ?? [], knowledgeOf(parts), output.revisions)
  const { messages, refused, filtered } = encode(parts, wanted)
  const idle = messages.length === 0 && output.inDoubt === 0
  const refusedThere = idle ? [] : await output.send(messages, signal)
  if (batch !== undefined)
    await settle(parts, batch, outcome(messages, [...refused, ...refusedThere]), signal)
  parts.report.count('output_filtered', { output: output.name }, filtered)
  return true
}

function knowledgeOf({ spool, output }: DeliverParts) {
  return {
    acknowledged: (entry: Entry) => spool.memory.last(output.name, entry),
    newerWaits: (entry: Entry) => spool.newerWaits(output.name, entry),
  }
}

/** What does not pass the filter is left out, except of an alert that the output has: it is told how that goes on. */
function encode({ spool, output, shape }: DeliverParts, entries: readonly Entry[]) {
  const messages: Message[] = []
  const refused: Refusal[] = []
  let filtered = 0
  const going = new Set<string>()
  const has = (entry: Entry): boolean =>
    going.has(keyOf(entry)) || spool.memory.last(output.name, entry) !== undefined
  for (const entry of entries) {
    try {
      const { alert } = JSON.parse(entry.line.toString('utf8')) as AlertLine
      if (shape.passes(alert) || has(entry)) {
        messages.push({ entry, bytes: output.encode(shape.of(alert)) })
        going.add(keyOf(entry))
      } else filtered++
    } catch (error) {
      refused.push({ entry, reason: messageOf(error) })
    }
  }
  return { messages, refused, filtered }
}

function keyOf({ aggregator, id }: Entry): string {
  return `${aggregator} ${id}`
}

function outcome(messages: readonly Message[], refused: readonly Refusal[]): Outcome {
  const not = new Set(refused.map(({ entry }) => entry))
  return { acknowledged: messages.map(({ entry }) => entry).filter((entry) => !not.has(entry)), refused }
}

/**
 * What was acknowledged is recorded until that succeeds, rather than sent again because the disk is full.
 */
async function settle(parts: DeliverParts, batch: Batch, done: Outcome, signal: AbortSignal): Promise<void> {
  const { spool, output, report, clock, random, limits } = parts
  const name = output.name
  await retryForever(async () => spool.settle(name, batch, done), {
    clock,
    signal,
    random,
    backoff: limits.outputRetryMs,
    failed: (error) =>
      report.event('error', 'spool_failed', { code: 'STORE_FAILED', output: name, reason: messageOf(error) }),
  })
  const passed = batch.entries.length - done.acknowledged.length - done.refused.length
  report.count('output_acknowledged', { output: name }, done.acknowledged.length)
  report.count('output_passed_over', { output: name }, passed)
  for (const { entry, reason } of done.refused)
    report.event('error', 'entry_quarantined', { output: name, alert: entry.id, reason }, ['output'])
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
