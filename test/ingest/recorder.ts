import type {
  EventSource,
  PartitionState,
  PartitionsKnown,
  RawBatch,
  RawMessage,
  SourceContext,
  SourceSignal,
} from '@weir/model'

/** Stands for the pipeline: takes what a source delivers, keeps cursors as a store would, commits at once or not. */
export class Recorder {
  readonly signals: SourceSignal[] = []
  readonly cursors: Map<string, string>
  readonly #waiting: (() => void)[] = []
  readonly #commits: (() => void)[] = []
  readonly #stop = new AbortController()
  #holding = false
  #stalled: PartitionState['state'] | undefined
  #stall = Promise.withResolvers<void>()
  #ended: Promise<void> = Promise.resolve()

  constructor(cursors: ReadonlyMap<string, string> = new Map()) {
    this.cursors = new Map(cursors)
  }

  /** Starts a source against this recorder. */
  start(source: EventSource): this {
    const context: SourceContext = {
      cursors: new Map(this.cursors),
      signal: this.#stop.signal,
      deliver: async (signal) => {
        this.#take(signal)
        if (signal.kind === 'state' && signal.state === this.#stalled) await this.#stall.promise
      },
    }
    this.#ended = source.run(context)
    // Whoever waits for the end sees it reject; until then it must not count as unhandled.
    this.#ended.catch(() => this.#wakeAll())
    return this
  }

  /** Resolves when a finite source has ended, rejects when it rejected. */
  get ended(): Promise<void> {
    return this.#ended
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#ended
  }

  /** From now on nothing is committed until `release`. */
  hold(): void {
    this.#holding = true
  }

  release(): void {
    this.#holding = false
    for (const commit of this.#commits.splice(0)) commit()
  }

  /** From now on whoever tells this state waits until the function is called. */
  stall(state: PartitionState['state']): () => void {
    this.#stalled = state
    this.#stall = Promise.withResolvers()
    return () => {
      this.#stalled = undefined
      this.#stall.resolve()
    }
  }

  get batches(): RawBatch[] {
    return this.signals.filter((signal) => signal.kind === 'batch')
  }

  get partitions(): PartitionsKnown[] {
    return this.signals.filter((signal) => signal.kind === 'partitions')
  }

  get states(): PartitionState[] {
    return this.signals.filter((signal) => signal.kind === 'state')
  }

  get messages(): RawMessage[] {
    return this.batches.flatMap(({ messages }) => messages)
  }

  /** Everything delivered, as text. */
  get text(): string {
    return this.messages.map(({ bytes }) => Buffer.from(bytes).toString('utf8')).join('')
  }

  /** Resolves when what was delivered so far satisfies a condition; rejects when the source ends first. */
  async until(condition: (recorder: Recorder) => boolean): Promise<void> {
    const over = this.#ended.then(() => {
      if (!condition(this)) throw new Error('the source ended before the condition was met')
    })
    while (!condition(this)) await Promise.race([new Promise<void>((wake) => this.#waiting.push(wake)), over])
    over.catch(() => undefined)
  }

  /** Resolves with the next state of this kind that is told from now on. */
  async next(state: PartitionState['state'], partition?: string): Promise<PartitionState> {
    const seen = this.signals.length
    const found = (): PartitionState | undefined =>
      this.signals
        .slice(seen)
        .filter((signal) => signal.kind === 'state')
        .find((each) => each.state === state && (partition === undefined || each.partition === partition))
    await this.until(() => found() !== undefined)
    return found()!
  }

  #take(signal: SourceSignal): void {
    this.signals.push(signal)
    if (signal.kind === 'batch') {
      if (this.#holding) this.#commits.push(() => this.#commit(signal))
      else this.#commit(signal)
    }
    this.#wakeAll()
  }

  #commit(batch: RawBatch): void {
    for (const { key, value } of batch.cursors) {
      if (value === '') this.cursors.delete(key)
      else this.cursors.set(key, value)
    }
    batch.committed?.()
  }

  #wakeAll(): void {
    for (const wake of this.#waiting.splice(0)) wake()
  }
}
