import type { EventSource, RawMessage, SourceContext } from '@weir/model'
import { aborted, type Clock, WeirError } from '@weir/runtime'
import { ByteBudget } from './byte-budget.ts'
import { Remembered, type RememberedBounds } from './remembered.ts'

export interface InboxConfig extends RememberedBounds {
  readonly name: string
  /** Pause between two statements that nothing waits. */
  readonly statusMs: number
  /** Bytes pushed and not yet committed; further pushes wait. */
  readonly bytesInFlightMax: number
}

export const INBOX_BOUNDS: Omit<InboxConfig, 'name'> = {
  statusMs: 1_500,
  bytesInFlightMax: 64 * 1024 * 1024,
  rememberMs: 3_600_000,
  // A commit writes one small row for each, and a start reads them all.
  rememberedPushesMax: 20_000,
}

/** What is pushed at once. */
export interface Push {
  readonly bytes: Uint8Array
  readonly dataset?: string
  /** The same for a push that is made again; without one every push is taken for new. */
  readonly key?: string
}

/** A source that others push into. */
export interface Inbox extends EventSource {
  /** False while it does not run; then nothing can be pushed. */
  readonly running: boolean
  /**
   * Resolves when the bytes are committed, so that whoever pushed may be answered; `repeated` when its key had been
   * committed before, and all records count as duplicates. Rejects with `WeirError` SOURCE_UNREACHABLE when the
   * source does not run, or stops first: then they may have been kept or not.
   */
  push(push: Push): Promise<'new' | 'repeated'>
}

interface Running {
  readonly context: SourceContext
  readonly budget: ByteBudget
  readonly remembered: Remembered
  /** Pushes with a key on their way to the commit. */
  readonly onTheirWay: Map<string, Promise<unknown>>
  readonly stopped: Promise<never>
  pending: number
}

const PARTITION = 'push'

export function inboxSource(config: InboxConfig, deps: { readonly clock: Clock }): Inbox {
  let running: Running | undefined
  let pushes = 0
  const isRunning = (): boolean => running !== undefined && !running.context.signal.aborted
  return {
    name: config.name,
    get running() {
      return isRunning()
    },
    async run(context) {
      running = begin(config, context)
      await context.deliver({ kind: 'partitions', source: config.name, partitions: [PARTITION] })
      await tellStatus(config, deps.clock, running)
      running = undefined
    },
    async push(push) {
      if (running === undefined || !isRunning()) throw stoppedError(config)
      return await pushOnce(config, deps.clock, running, push, () => pushes++)
    },
  }
}

function begin(config: InboxConfig, context: SourceContext): Running {
  const stopped = aborted(context.signal).then(() => {
    throw stoppedError(config)
  })
  // Every push races with it; without a push nobody would be there to see it reject.
  stopped.catch(() => undefined)
  return {
    context,
    budget: new ByteBudget(config.bytesInFlightMax),
    remembered: new Remembered(config.name, config, context.cursors),
    onTheirWay: new Map(),
    stopped,
    pending: 0,
  }
}

/** A repeat of what is still on its way waits for that first: only what is committed makes it a repeat. */
async function pushOnce(
  config: InboxConfig,
  clock: Clock,
  running: Running,
  push: Push,
  ordinal: () => number,
): Promise<'new' | 'repeated'> {
  const { key } = push
  const first = key === undefined ? undefined : running.onTheirWay.get(key)
  if (first !== undefined) await first
  const pushed = pushInto(config, clock, running, push, ordinal)
  if (key === undefined || first !== undefined) return await pushed
  running.onTheirWay.set(key, pushed)
  try {
    return await pushed
  } finally {
    running.onTheirWay.delete(key)
  }
}

async function pushInto(
  config: InboxConfig,
  clock: Clock,
  running: Running,
  push: Push,
  ordinal: () => number,
): Promise<'new' | 'repeated'> {
  const { context, budget, remembered, stopped } = running
  const { bytes, key } = push
  running.pending++
  try {
    await budget.take(bytes.length, context.signal).catch(() => stopped)
    const arrival = clock.now()
    const repeated = key !== undefined && remembered.has(key, arrival)
    const done = Promise.withResolvers<void>()
    const batch = {
      kind: 'batch',
      source: config.name,
      partition: PARTITION,
      messages: [messageOf(push, arrival, ordinal(), repeated)],
      cursors: key === undefined ? [] : remembered.add(key, arrival),
      committed: () => {
        budget.give(bytes.length)
        done.resolve()
      },
    } as const
    await Promise.race([context.deliver(batch), stopped])
    await Promise.race([done.promise, stopped])
    return repeated ? 'repeated' : 'new'
  } finally {
    running.pending--
  }
}

function messageOf(
  { bytes, dataset }: Push,
  arrival: number,
  ordinal: number,
  repeated: boolean,
): RawMessage {
  return {
    bytes,
    at: `${arrival}-${ordinal}`,
    arrival,
    ...(dataset !== undefined && { dataset }),
    ...(repeated && { repeated }),
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
