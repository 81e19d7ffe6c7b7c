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
