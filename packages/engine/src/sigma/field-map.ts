import type { Conditions } from './conditions.ts'

/** How the fields of one Sigma log source stand in Weir's events. Data: the files in maps/, and a user's own. */
export interface FieldMap {
  /** The log source that it is for: each member named must be the rule's. Empty: every log source. */
  readonly logsource: { readonly product?: string; readonly service?: string; readonly category?: string }
  readonly dataset?: readonly string[]
  /** Holds for every event of the log source, where its dataset holds others too. */
  readonly where?: readonly Conditions[]
  /** A field that is not listed: `refuse` its rule, or look for it in the record by its own name. */
  readonly unmapped?: 'refuse' | 'record'
  readonly fields?: Readonly<Record<string, Target | readonly Target[]>>
  readonly placeholders?: Readonly<Record<string, readonly string[]>>
}

/**
 * Where a Sigma field stands: `$.path` into the record, or an ECS field; the long form says more. Several targets:
 * any of them may hold what is asked.
 */
export type Target = string | LongTarget | SameTarget

/** Another name of a field of the same map. */
export interface SameTarget {
  readonly as: string
}

export interface LongTarget {
  /** The ECS field that is asked. */
  readonly fact?: string
  /** The place in the record; beside `fact` it is asked where the exact text counts. */
  readonly path?: string
  /** What stands there may be a list or an object: asks of every text within. */
  readonly within?: boolean
  /** The ECS field by which correlations group, where it is not `fact`. */
  readonly group?: string
  /** Sigma value (in any case) to what the provider writes instead: values, or whole conditions. */
  readonly values?: Readonly<Record<string, readonly MappedValue[]>>
}

export type MappedValue = string | number | boolean | Conditions

/** A target with nothing left open. */
export interface Place {
  readonly fact?: string
  readonly path?: string
  readonly within: boolean
  readonly group?: string
  readonly values: ReadonlyMap<string, readonly MappedValue[]>
}

export function placeOf(target: string | LongTarget): Place {
  if (typeof target !== 'string') {
    const { fact, path, within = false, group = fact, values = {} } = target
    const lowered = Object.entries(values).map(([value, mapped]) => [value.toLowerCase(), mapped] as const)
    return {
      ...(fact !== undefined && { fact }),
      ...(path !== undefined && { path }),
      within,
      ...(group !== undefined && { group }),
      values: new Map(lowered),
    }
  }
  return target.startsWith('$') ? placeOf({ path: target }) : placeOf({ fact: target })
}
