/** What a reply of the HTTP Event Collector means for what was sent. */
export type Verdict =
  /** All of it was taken. */
  | 'taken'
  /** Something in it is no event, or too large: sent in parts, the bad one is found. */
  | 'bad'
  /** Token, index or acknowledgement are not as the receiver wants them. */
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

/** `code` is that of the body, where there was one. */
export function verdictOf(status: number, code: number | undefined): Verdict {
  if (status === 200) return 'taken'
  if (status === 413) return 'bad'
  if (status === 408 || status === 429 || status >= 500) return 'later'
  if (code !== undefined && BAD.has(code)) return 'bad'
  if (code !== undefined && SETUP.has(code)) return 'setup'
  if (code !== undefined && code >= 8) return 'later'
  return 'setup'
}
