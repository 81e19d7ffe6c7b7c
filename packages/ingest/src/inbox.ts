import type { Cursor, EventSource, RawMessage, SourceContext } from '@weir/model'
import { aborted, WeirError } from '@weir/runtime'
import { ByteBudget } from './byte-budget.ts'
import type { SourceDeps } from './deps.ts'
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
  /** Each is read by itself, so that no more than one is in memory as records. */
  readonly pieces: readonly Uint8Array[]
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

type InboxDeps = Pick<SourceDeps, 'clock' | 'report'>

interface Running {
  readonly config: InboxConfig
  readonly deps: InboxDeps
  readonly context: SourceContext
  readonly budget: ByteBudget
  readonly remembered: Remembered
  /** Pushes with a key on their way to the commit. */
  readonly onTheirWay: Map<string, Promise<unknown>>
  readonly stopped: Promise<never>
  pending: number
}

const PARTITION = 'push'

/** @param open called by each run once it has named its partition; when it rejects so does the run. */
export function inboxSource(
  config: InboxConfig,
  deps: InboxDeps,
  open: () => Promise<void> = async () => undefined,
): Inbox {
  let running: Running | undefined
  let pushes = 0
  const isRunning = (): boolean => running !== undefined && !running.context.signal.aborted
  return {
    name: config.name,
    pushed: true,
    get running() {
      return isRunning()
    },
    async run(context) {
      running = begin(config, deps, context)
      try {
        await context.deliver({ kind: 'partitions', source: config.name, partitions: [PARTITION] })
        await open()
        await tellStatus(running)
      } finally {
        running = undefined
      }
    },
    async push(push) {
      if (running === undefined || !isRunning()) throw stoppedError(config)
      return await pushOnce(running, push, () => pushes++)
    },
  }
}

function begin(config: InboxConfig, deps: InboxDeps, context: SourceContext): Running {
  const stopped = aborted(context.signal).then(() => {
    throw stoppedError(config)
  })
  // Every push races with it; without a push nobody would be there to see it reject.
  stopped.catch(() => undefined)
  return {
    config,
    deps,
    context,
    budget: new ByteBudget(config.bytesInFlightMax),
    remembered: new Remembered(config.name, config, context.cursors),
    onTheirWay: new Map(),
    stopped,
    pending: 0,
  }
}

/** A repeat of what is still on its way waits for that first: only what is committed makes it a repeat. */
async function pushOnce(running: Running, push: Push, ordinal: () => number): Promise<'new' | 'repeated'> {
  const { key } = push
  const first = key === undefined ? undefined : running.onTheirWay.get(key)
  if (first !== undefined) await first
  const pushed = pushInto(running, push, ordinal)
  if (key === undefined || first !== undefined) return await pushed
  running.onTheirWay.set(key, pushed)
  try {
    return await pushed
  } finally {
    running.onTheirWay.delete(key)
  }
}

async function pushInto(running: Running, push: Push, ordinal: () => number): Promise<'new' | 'repeated'> {
  const { config, deps, context, budget, stopped } = running
  const { pieces, key } = push
  const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0)
  running.pending++
  try {
    await budget.take(bytes, context.signal).catch(() => stopped)
    const arrival = deps.clock.now()
    const repeated = key !== undefined && running.remembered.has(key, arrival)
    const done = Promise.withResolvers<void>()
    const batch = {
      kind: 'batch',
      source: config.name,
      partition: PARTITION,
      messages: messagesOf(push, arrival, ordinal, repeated),
      cursors: key === undefined ? [] : remember(running, key, arrival),
      committed: () => {
        budget.give(bytes)
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

function remember({ config, deps, remembered }: Running, key: string, now: number): readonly Cursor[] {
  const { cursors, early } = remembered.add(key, now)
  if (early > 0) deps.report.count('push_forgotten_early', { source: config.name }, early)
  return cursors
}

function messagesOf(
  { pieces, dataset }: Push,
  arrival: number,
  ordinal: () => number,
  repeated: boolean,
): RawMessage[] {
  return pieces.map((bytes) => ({
    bytes,
    at: `${arrival}-${ordinal()}`,
    arrival,
    ...(dataset !== undefined && { dataset }),
    ...(repeated && { repeated }),
  }))
}

/** While nothing is on its way, everything that there was has been delivered. */
async function tellStatus(running: Running): Promise<void> {
  const { config, context } = running
  const { clock } = running.deps
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
