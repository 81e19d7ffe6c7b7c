import { WeirError } from '@weir/runtime'

/**
 * The receiver refuses us rather than what we sent: a wrong token, an unknown index. Only a person can
 * cure it.
 */
export class SetupRefused extends WeirError {
  constructor(doing: string) {
    super('OUTPUT_FAILED', doing)
  }
}

/** Not now, and the receiver said when: no sooner than that it is asked again. */
export class NotYet extends WeirError {
  readonly afterMs: number

  constructor(doing: string, afterMs: number) {
    super('OUTPUT_FAILED', doing)
    this.afterMs = afterMs
  }
}
