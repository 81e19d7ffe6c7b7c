import type { Conditions, Leaf } from './conditions.ts'
import type { SigmaCorrelation, SigmaDocument, SigmaRule } from './document.ts'
import type { Fields } from './field-maps.ts'
import type { Refused } from './refusal.ts'

/** A document on its way through the import. */
export interface Entry<Document extends SigmaDocument = SigmaDocument> {
  readonly file: string
  readonly document: Document
  /** The id of the Weir rule; empty for a filter, which has none. */
  readonly ruleId: string
  refused?: Refused
  event?: EventDraft
  correlation?: CorrelationDraft
}

/** What a Sigma rule became, filters included. */
interface EventDraft {
  readonly fields: Fields
  readonly conditions: readonly Conditions[]
  readonly reads: ReadonlyMap<string, readonly Leaf[]>
}

/** What a Sigma correlation became. */
export interface CorrelationDraft {
  readonly bases: readonly Entry[]
  readonly json: Readonly<Record<string, unknown>>
  /** A field or alias by which it groups, to the name that a correlation over this one groups by. */
  readonly keys: ReadonlyMap<string, string>
}

export function isRule(entry: Entry): entry is Entry<SigmaRule> {
  return entry.document.kind === 'rule'
}

export function isCorrelation(entry: Entry): entry is Entry<SigmaCorrelation> {
  return entry.document.kind === 'correlation'
}
