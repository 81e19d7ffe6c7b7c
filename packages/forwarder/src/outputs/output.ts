import type { AlertV1 } from '@weir/contract'
import type { Clock, Report } from '@weir/runtime'
import type { Limits } from '../limits.ts'
import type { Entry, Refusal } from '../spool/entry.ts'

/** An alert in an output's own form. */
export interface Message {
  readonly entry: Entry
  readonly bytes: Buffer
}

/** `first` is what comes first of an alert, `last` the revision that closes it. */
export type Revisions = 'all' | 'first' | 'first-and-last'

/** A receiver, for its worker. */
export interface Output {
  readonly name: string
  /**
   * Sent, counted as received, and in doubt again since: the next `send` repeats them, also an empty one.
   */
  readonly inDoubt: number
  /** Which revisions of an alert it is given; all, unless it says so. */
  readonly revisions?: Revisions
  /** Entries that it is given at once, where the bound of all is too many for it. */
  readonly batchEntriesMax?: number
  /** How many calls of `send` may be under way at once, each with its own batch; 1 where it is absent. */
  readonly sendsMax?: number
  /** Throws when the alert has no form that the receiver takes; it goes to quarantine then. */
  encode(alert: AlertV1): Buffer
  /**
   * Resolves once every message is acknowledged as far as the protocol can say, or refused for good.
   * Throws when
   * that is not known of all: the caller sends them again. A refusal of the whole set-up is `SetupRefused`.
   */
  send(messages: readonly Message[], signal: AbortSignal): Promise<readonly Refusal[]>
  close(): Promise<void>
}

/** What an output is given beside its configuration. */
export interface OutputTools {
  readonly clock: Clock
  readonly report: Report
  readonly random: () => number
  readonly limits: Limits
  /** To be called when something fell in doubt while nothing was being sent. */
  readonly wake: () => void
}
