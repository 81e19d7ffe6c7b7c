/** The one table of error codes: what each means to a user. docs/errors.md is made from it. */
export const ERRORS = {
  CONFIG_UNREADABLE: 'The configuration file is missing or is not JSON.',
  CONFIG_INVALID: 'The configuration has mistakes; every one is listed with its path.',
  SECRET_MISSING: 'A secret is configured by reference, and the reference leads nowhere.',
  RULES_REFUSED: 'The rule set has errors; each is listed with file, line and reason.',
  SOURCE_UNREACHABLE: 'A source cannot be reached or refuses the credential.',
  STORE_FAILED: 'The store could not read or commit.',
  STORE_NEWER: 'The store file was written by a newer version of Weir.',
  FEED_BROKEN: 'The feed does not continue where the forwarder stands.',
  OUTPUT_FAILED: 'An output cannot be reached or refused what it was sent.',
  LISTEN_FAILED: 'The API or a push source cannot listen on the address that is configured.',
  INPUT_UNREADABLE: 'An input file or folder cannot be read.',
  WRONG_USE: 'The command was called with arguments that it does not take.',
} as const

export type ErrorCode = keyof typeof ERRORS

/** An error with a code from the table, what we were doing, and the cause beneath. */
export class WeirError extends Error {
  override readonly name = 'WeirError'
  readonly code: ErrorCode

  constructor(code: ErrorCode, doing: string, options?: { readonly cause?: unknown }) {
    super(options?.cause === undefined ? doing : `${doing}: ${messageOf(options.cause)}`, options)
    this.code = code
  }
}

/** What an unknown thrown value says. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof AggregateError && thrown.message === '')
    return thrown.errors.map(messageOf).join('; ')
  return thrown instanceof Error ? thrown.message : String(thrown)
}
