/** What a command's exit code says. */
export const EXIT = { ok: 0, findings: 1, wrongUse: 2 } as const

/** A call to an aggregator that did not succeed, in words for who typed the command. */
export class CallFailed extends Error {
  override readonly name = 'CallFailed'
  readonly code: string
  readonly exit: number

  constructor(code: string, message: string, exit: number, cause: unknown) {
    super(message, { cause })
    this.code = code
    this.exit = exit
  }
}
