import type { FieldValue } from './event.ts'
import type { Position } from './position.ts'

/** One rule met by one event: all that correlation and alerting need of it, and serializable. */
export interface Match {
  readonly rule: string
  /** Hash of the rule's conditions, correlation and base rules: the state that this match belongs to. */
  readonly ruleHash: string
  /** The event, exactly: equal identities are one event. */
  readonly identity: string
  /** What correlations count: the provider's id where there is one, else the identity. */
  readonly subject: string
  /** The provider's id verbatim, else the identity: what a person looks up. */
  readonly eventId: string
  readonly dataset: string
  /** Event time, epoch milliseconds. */
  readonly time: number
  /** By how much it came later than its time, milliseconds. */
  readonly lateMs: number
  readonly position: Position
  /** The fields that the rule declares and those that every alert shows; absent ones are left out. */
  readonly fields: Readonly<Record<string, FieldValue>>
}
