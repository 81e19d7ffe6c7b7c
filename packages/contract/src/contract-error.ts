import type { ProblemCode } from './problem.ts'

/** `UNREACHABLE`: no whole answer arrived. `UNEXPECTED_REPLY`: one arrived that the contract does not know. */
export type ContractErrorCode = ProblemCode | 'UNREACHABLE' | 'UNEXPECTED_REPLY'

/** A call that failed: the code of the refusal, or that of the way there. */
export class ContractError extends Error {
  override readonly name = 'ContractError'
  readonly code: ContractErrorCode
  /** HTTP status; absent when no answer arrived. */
  readonly status: number | undefined

  constructor(code: ContractErrorCode, message: string, status?: number, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
    this.status = status
  }
}
