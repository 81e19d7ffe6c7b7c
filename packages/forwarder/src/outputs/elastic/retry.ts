/** What an answer to a `_bulk` request means for all that was in it. */
export type Verdict =
  /** Each item has a status of its own. */
  | 'items'
  /** Too large: sent in parts. */
  | 'divide'
  /** Our credentials, the address or the target are not as the receiver wants them. */
  | 'setup'
  /** Not now. */
  | 'later'

export function verdictOf(status: number): Verdict {
  if (status === 200) return 'items'
  if (status === 413) return 'divide'
  return isLater(status) ? 'later' : 'setup'
}

/** What an item's status means for one alert. */
export type ItemVerdict =
  /** It was written. */
  | 'taken'
  /** This revision or a later one is there already. */
  | 'had'
  /** It will never be taken as it is. */
  | 'refused'
  /** It, or our set-up: which of both shows in whether others of the request were taken. */
  | 'doubtful'
  | 'setup'
  | 'later'

/** No credentials, no right, no such index (or `requireAlias` and no alias), no such operation. */
const SETUP: ReadonlySet<number> = new Set([401, 403, 404, 405])

/**
 * Said of an alert that cannot be indexed, and as well of a data stream that is given revisions, of an alias
 * without a write index, of a pipeline that is not there.
 */
const DOUBTFUL: ReadonlySet<string> = new Set([
  'illegal_argument_exception',
  'action_request_validation_exception',
])

/** `type` is that of the item's error, where there is one. */
export function itemVerdictOf(status: number, type: string | undefined): ItemVerdict {
  if (status >= 200 && status < 300) return 'taken'
  if (status === 409) return 'had'
  if (isLater(status) || type === 'es_rejected_execution_exception') return 'later'
  if (SETUP.has(status)) return 'setup'
  return type !== undefined && DOUBTFUL.has(type) ? 'doubtful' : 'refused'
}

function isLater(status: number): boolean {
  return status === 408 || status === 429 || status >= 500
}
