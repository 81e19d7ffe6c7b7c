/** How the entries of a lane are chained; the wire defines it, so it comes in from there. */
export interface Chain {
  /** The chain before the first entry, lower-case hexadecimal. */
  readonly start: (epoch: string, lane: 'urgent' | 'bulk') => string
  readonly next: (previous: string, digest: Uint8Array) => string
  /** Digest of one stored line: all that the chain needs of it, so that the line itself may go. */
  readonly digest: (line: Uint8Array) => Uint8Array
}
