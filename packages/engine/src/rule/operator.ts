/** Decides one fact, with the condition's value already at hand. */
export type Test = (fact: unknown) => boolean

/** Reads a condition's value once, for many facts. */
export type Prepare = (value: unknown) => Test

/** What a condition's value must be for the operator to be able to say true. */
export type ValueKind =
  | 'scalar'
  | 'list'
  | 'ordered'
  | 'text'
  | 'boolean'
  | 'networks'
  | 'regex'
  | 'wildcard'
  | 'timeOfDay'
  | 'watchlist'

export interface Operator {
  readonly name: string
  readonly value: ValueKind
  /** Weir's own: the library has to be told of it. */
  readonly own: boolean
  /**
   * Prepares the condition's value, and throws for one that the operator cannot use where the operator is
   * Weir's own. The library's operators throw at the event instead, as they always did.
   */
  readonly prepare: Prepare
}

export interface Decorator {
  readonly name: string
  readonly own: boolean
  readonly prepare: (next: Prepare) => Prepare
  /** What it makes of fact and value before the operator sees them, where that is all that it does. */
  readonly converts?: Conversion
  /** What the operator then sees of a fact, where that is a text or a number and never an object. */
  readonly sees?: Sight
}

/** Applies to a scalar, or to each entry of a list. */
export interface Conversion {
  readonly fact: (fact: unknown) => unknown
  readonly value: (value: unknown) => unknown
}

export interface Sight {
  readonly what: string
  readonly has: (literal: unknown) => boolean
}

/** An operator with the decorators written before it, outermost first. */
export interface Chain {
  readonly decorators: readonly Decorator[]
  readonly operator: Operator
  /** Never throws; the test throws where, and only where, the library would. */
  readonly prepare: Prepare
}
