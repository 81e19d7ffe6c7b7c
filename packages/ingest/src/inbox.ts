import type { EventSource, RawMessage, SourceContext } from '@weir/model'
import { aborted, type Clock, WeirError } from '@weir/runtime'
import { ByteBudget } from './byte-budget.ts'

export interface InboxConfig {
  readonly name: string
  /** Pause between two statements that nothing waits. */
  readonly statusMs: number
  /** Bytes pushed and not yet committed; further pushes wait. */
  readonly bytesInFlightMax: number
}

export const INBOX_BOUNDS: Omit<InboxConfig, 'name'> = {
  statusMs: 1_500,
  bytesInFlightMax: 64 * 1024 * 1024,
}

/** A source that others push into. */
export interface Inbox extends EventSource {
  /**
   * Resolves when the bytes are committed, so that whoever pushed may be answered. Rejects with `WeirError`
   * SOURCE_UNREACHABLE when the source does not run, or stops first: then they may have been kept or not.
   */
  push(bytes: Uint8Array, dataset?: string): Promise<void>
}

interface Running {
  readonly context: SourceContext
  readonly budget: ByteBudget
  readonly stopped: Promise<never>
  pending: number
}

const PARTITION = 'push'

export function inboxSource(config: InboxConfig, deps: { readonly clock: Clock }): Inbox {
  let running: Running | undefined
  let pushes = 0
  return {
    name: config.name,
    async run(context) {
      running = begin(config, context)
      await context.deliver({ kind: 'partitions', source: config.name, partitions: [PARTITION] })
      await tellStatus(config, deps.clock, running)
      running = undefined
    },
    async push(bytes, dataset) {
      if (running === undefined || running.context.signal.aborted) throw stoppedError(config)
      const arrival = deps.clock.now()
      const at = `${arrival}-${pushes++}`
      await pushInto(config, running, { bytes, at, arrival, ...(dataset === undefined ? {} : { dataset }) })
    },
  }
}

function begin(config: InboxConfig, context: SourceContext): Running {
  const stopped = aborted(context.signal).then(() => {
    throw stoppedError(config)
  })
  // Every push races with it; without a push nobody would be there to see it reject.
  stopped.catch(() => undefined)
  return { context, budget: new ByteBudget(config.bytesInFlightMax), stopped, pending: 0 }
}

async function pushInto(config: InboxConfig, running: Running, message: RawMessage): Promise<void> {
  const { context, budget, stopped } = running
  running.pending++
  try {
    await budget.take(message.bytes.length, context.signal).catch(() => stopped)
    const done = Promise.withResolvers<void>()
    const committed = (): void => {
      budget.give(message.bytes.length)
      done.resolve()
    }
    const batch = {
      kind: 'batch',
      source: config.name,
      partition: PARTITION,
      cursors: [],
      committed,
    } as const
    await Promise.race([context.deliver({ ...batch, messages: [message] }), stopped])
    await Promise.race([done.promise, stopped])
  } finally {
    running.pending--
  }
}

/** While nothing is on its way, everything that there was has been delivered. */
async function tellStatus(config: InboxConfig, clock: Clock, running: Running): Promise<void> {
  const { context } = running
  while (!context.signal.aborted) {
    const now = clock.now()
    if (running.pending === 0)
      await context.deliver({
        kind: 'state',
        source: config.name,
        partition: PARTITION,
        state: 'caught-up',
        now,
      })
    await clock.sleep(config.statusMs, context.signal)
  }
}

function stoppedError(config: InboxConfig): WeirError {
  return new WeirError('SOURCE_UNREACHABLE', `source ${config.name} takes nothing: it does not run`)
}
