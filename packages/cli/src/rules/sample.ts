import type { JsonObject, JsonValue } from '@weir/model'
import samples from './samples.json' with { type: 'json' }

/** Made-up records of one dataset in the provider's shape, and a test that tells some of them from the others. */
export interface Sample {
  /** The field that tells them apart, with its value in `record`, `second` and `third`, and that in `other`. */
  readonly fact: string
  readonly value: JsonValue
  readonly otherValue: JsonValue
  /** A field that all of them agree on. */
  readonly groupBy: string
  /** A field that is different in `record`, `second` and `third`. */
  readonly counted: string
  /** A field with a number, where the dataset has one that is worth adding up: `record` has `much` of it at least. */
  readonly measured?: { readonly field: string; readonly much: number; readonly little: JsonObject }
  readonly record: JsonObject
  /** What each has otherwise than `record`, a minute apart: time and id among it. */
  readonly second: JsonObject
  readonly third: JsonObject
  readonly other: JsonObject
}

export const SAMPLES: ReadonlyMap<string, Sample> = new Map(Object.entries<Sample>(samples))
