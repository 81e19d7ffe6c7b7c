import type { Severity } from '@weir/model'
import type { SIGMA_CORRELATION_TYPES } from '../rule/rule.ts'
import type { Expression } from './condition-grammar.ts'

/** One Sigma document, checked. */
export type SigmaDocument = SigmaRule | SigmaCorrelation | SigmaFilter

/** What a document says about itself. */
export interface SigmaWords {
  readonly title: string
  readonly id?: string
  readonly name?: string
  readonly description?: string
  readonly status?: string
  readonly author?: string
  readonly license?: string
  readonly level?: Severity
  readonly tags: readonly string[]
  readonly references: readonly string[]
  readonly falsePositives: readonly string[]
  readonly taxonomy: string
}

export interface SigmaRule {
  readonly kind: 'rule'
  readonly words: SigmaWords
  readonly logsource: Logsource
  readonly detection: Detection
}

export interface Logsource {
  readonly product?: string
  readonly service?: string
  readonly category?: string
}

/** Search identifiers as YAML gave them, and the condition over them. */
export interface Detection {
  readonly searches: ReadonlyMap<string, unknown>
  readonly condition: Expression
}

export type SigmaCorrelationType = (typeof SIGMA_CORRELATION_TYPES)[number]

export interface SigmaCorrelation {
  readonly kind: 'correlation'
  readonly words: SigmaWords
  readonly type: SigmaCorrelationType
  /** Names or ids, as written. */
  readonly rules: readonly string[]
  readonly groupBy: readonly string[]
  readonly timespan: string
  /** Bounds by their operator, in the order written. */
  readonly bounds: ReadonlyMap<string, number>
  /** What the value types look at; value_count may count several together. */
  readonly fields: readonly string[]
  readonly percentile?: number
  /** Alias, then a rule's name or id, then the field. */
  readonly aliases: ReadonlyMap<string, ReadonlyMap<string, string>>
  /** The base rules alert by themselves, too. */
  readonly generate: boolean
}

export interface SigmaFilter {
  readonly kind: 'filter'
  readonly words: SigmaWords
  readonly logsource: Logsource
  /** Names or ids; `any` is every rule of the log source. */
  readonly rules: readonly string[] | 'any'
  readonly detection: Detection
}
