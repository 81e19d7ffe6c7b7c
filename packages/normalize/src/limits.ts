/** What a message may cost; both err on the side of keeping the bytes in quarantine unread. */
export interface Limits {
  /** A gzip message that inflates beyond this is quarantined whole, as it came. */
  readonly inflatedBytesMax: number
  /** A record larger than this is quarantined; those beside it are read. */
  readonly recordBytesMax: number
  /**
   * Bytes that may be looked at while the records of one damaged message are told apart, some more than once;
   * beyond it (about half a second) what remains of the message is quarantined in one piece.
   */
  readonly scanBytesMax: number
}

export const LIMITS: Limits = {
  inflatedBytesMax: 256 * 1024 * 1024,
  recordBytesMax: 16 * 1024 * 1024,
  scanBytesMax: 256 * 1024 * 1024,
}
