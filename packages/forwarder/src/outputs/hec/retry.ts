/** What a reply of the HTTP Event Collector means for what was sent. */
export type Verdict =
  /** All of it was taken. */
  | 'taken'
  /** Something in it is no event, or too large: sent in parts, the bad one is found. */
  | 'bad'
  /** Token, index or acknowledgement are not as the receiver wants them, or it is no collector. */
  | 'setup'
  /** Not now. */
  | 'later'

/** No data, invalid format, event field required, event blank, bad indexed fields. */
const BAD = new Set([5, 6, 12, 13, 15])
/**
 * Token disabled, required, malformed, invalid; index wrong; channel missing, invalid; ack or query auth
 * disabled.
 */
const SETUP = new Set([1, 2, 3, 4, 7, 10, 11, 14, 16])

/**
 * `code` is that of the body, where there was one. A success has one: 0, or 24 and 25 of a collector that is
 * nearly full. A page of somebody else's has none.
 */
export function verdictOf(status: number, code: number | undefined): Verdict {
  if (status === 200) return code === undefined ? 'setup' : 'taken'
  return isLater(status) ? 'later' : refusalOf(status, code)
}

/** The same for a reply that tells acknowledgements, which has no code when all is well. */
export function ackVerdictOf(status: number): 'told' | 'setup' | 'later' {
  if (status === 200) return 'told'
  return isLater(status) ? 'later' : 'setup'
}

function refusalOf(status: number, code: number | undefined): Verdict {
  if (status === 413) return 'bad'
  if (code !== undefined && BAD.has(code)) return 'bad'
  if (code !== undefined && SETUP.has(code)) return 'setup'
  return code !== undefined && code >= 8 ? 'later' : 'setup'
}

function isLater(status: number): boolean {
  return status === 408 || status === 429 || status >= 500
}
