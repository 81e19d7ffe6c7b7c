/** What a message may cost; both err on the side of keeping the bytes in quarantine unread. */
export interface Limits {
  /** A gzip message that inflates beyond this is quarantined whole, as it came. */
  readonly inflatedBytesMax: number
  /** A record larger than this is quarantined; those beside it are read. */
  readonly recordBytesMax: number
  /**
   * How often, on average, a byte of a damaged message may be looked at while its records are told apart;
   * beyond it what remains is quarantined in one piece.
   */
  readonly scanPassesMax: number
}

export const LIMITS: Limits = {
  inflatedBytesMax: 256 * 1024 * 1024,
  recordBytesMax: 16 * 1024 * 1024,
  scanPassesMax: 16,
}
