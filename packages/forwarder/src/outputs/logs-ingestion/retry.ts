/** What an answer of the Logs Ingestion API means for the rows that were sent. */
export type Verdict =
  /** All of them were taken. */
  | 'taken'
  /** Something in them is no row, or they are too large: sent in parts, the bad one is found. */
  | 'bad'
  /** Endpoint, rule, stream or role are not as they should be. */
  | 'setup'
  /** Not now. */
  | 'later'

/** 401 comes here only for a token that is new. */
export function verdictOf(status: number): Verdict {
  if (status >= 200 && status < 300) return 'taken'
  if (status === 400 || status === 413) return 'bad'
  if (status === 408 || status === 429 || status >= 500) return 'later'
  return 'setup'
}
