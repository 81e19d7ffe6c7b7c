import type { PartitionState, SourceContext } from '@weir/model'
import { type Backoff, backoffMs } from '@weir/runtime'
import type { SourceDeps } from '../deps.ts'

/** Before trying again what an operator has to mend. */
const HOPELESS_MS = 60_000

/** Tells how the one partition of a reader stands, and rests after a failure. */
export class Standing {
  readonly #source: string
  readonly #partition: string
  readonly #backoff: Backoff
  readonly #deps: SourceDeps
  readonly #context: SourceContext

  constructor(
    where: { readonly source: string; readonly partition: string },
    backoff: Backoff,
    deps: SourceDeps,
    context: SourceContext,
  ) {
    this.#source = where.source
    this.#partition = where.partition
    this.#backoff = backoff
    this.#deps = deps
    this.#context = context
  }

  async tell(
    state: PartitionState['state'],
    now: number,
    more: Pick<PartitionState, 'behind' | 'reason'> = {},
  ): Promise<void> {
    const where = { source: this.#source, partition: this.#partition }
    await this.#context.deliver({ kind: 'state', ...where, state, now, ...more })
  }

  /** Says what failed, and resolves when it is time to try again, or the signal aborts. */
  async cutOff(
    { reason, hopeless }: { readonly reason: string; readonly hopeless: boolean },
    failures: number,
  ): Promise<void> {
    const { clock, report, random } = this.#deps
    const details = { source: this.#source, reason, attempt: failures }
    report.event('warn', 'source_cut_off', details, ['source'])
    await this.tell('cut-off', clock.now(), { reason })
    const pause = hopeless ? HOPELESS_MS : backoffMs(this.#backoff, failures, random())
    await clock.sleep(pause, this.#context.signal)
  }
}
