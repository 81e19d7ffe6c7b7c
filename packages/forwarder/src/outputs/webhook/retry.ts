/** What a webhook's answer means for the alert that it was sent. */
export type Verdict =
  | 'taken'
  /** This alert, as it is written, is nothing that the receiver takes. */
  | 'bad'
  /** The address, the credential or the way in which we send are wrong. */
  | 'setup'
  /** Not now. */
  | 'later'

const BAD = new Set([400, 413, 422])
const LATER = new Set([408, 425, 429])

/** `taken` are statuses that the configuration counts as success beside 2xx. */
export function verdictOf(status: number, taken: readonly number[]): Verdict {
  if ((status >= 200 && status < 300) || taken.includes(status)) return 'taken'
  if (BAD.has(status)) return 'bad'
  if (LATER.has(status) || status >= 500) return 'later'
  // Redirects among them: what they lead to was not configured, and must not be shown a credential.
  return 'setup'
}
