import type { Vocabulary } from '../rule/vocabulary.ts'
import type { Logsource } from './document.ts'
import { type FieldMap, type Place, placeOf, type SameTarget, type Target } from './field-map.ts'
import type { Placeholders } from './placeholders.ts'
import { Refused } from './refusal.ts'

/** All that is known of one log source. */
export interface Fields {
  readonly datasets: readonly string[]
  readonly where: NonNullable<FieldMap['where']>
  readonly placeholders: Placeholders
  /** Where a field stands, at least one place. Throws `Refused` for one that nobody mapped. */
  placesOf(field: string): readonly Place[]
}

/** The maps that fit a log source, as one: a user's own before the shipped ones, those that say more before the others. */
export function fieldsFor(
  logsource: Logsource,
  taxonomy: string,
  own: readonly FieldMap[],
  shipped: readonly FieldMap[],
  vocabulary: Vocabulary,
): Fields {
  const maps = [...fitting(own, logsource), ...fitting(shipped, logsource)]
  const datasets = maps.find((map) => map.dataset !== undefined)?.dataset
  if (datasets === undefined)
    throw new Refused('unmapped-logsource', `no field map is for ${wordsOf(logsource)}: give one with --map`)
  const tables = maps.map((map) => new Map(entriesOf(map)))
  const unmapped = maps.find((map) => map.unmapped !== undefined)?.unmapped ?? 'refuse'
  return {
    datasets,
    where: maps.find((map) => map.where !== undefined)?.where ?? [],
    placeholders: new Map(maps.toReversed().flatMap((map) => Object.entries(map.placeholders ?? {}))),
    placesOf: (field) => {
      const found = tables
        .map((table) => table.get(field.toLowerCase()))
        .find((places) => places !== undefined)
      if (found !== undefined) return found
      if (taxonomy === 'ecs') return [ecsPlace(field, datasets, vocabulary)]
      if (unmapped === 'record') return [recordPlace(field)]
      throw new Refused(
        'unmapped-field',
        `nobody said where "${field}" stands in ${wordsOf(logsource)}: name it in a --map file`,
      )
    },
  }
}

function fitting(maps: readonly FieldMap[], logsource: Logsource): readonly FieldMap[] {
  const size = (map: FieldMap) => Object.keys(map.logsource).length
  const fits = (map: FieldMap) =>
    Object.entries(map.logsource).every(
      ([key, word]) => logsource[key as keyof Logsource] === word.toLowerCase(),
    )
  return maps.filter(fits).sort((a, b) => size(b) - size(a))
}

function wordsOf({ product, service, category }: Logsource): string {
  return [product, service, category].filter((word) => word !== undefined).join('/')
}

function entriesOf(map: FieldMap): readonly (readonly [string, readonly Place[]])[] {
  const fields = map.fields ?? {}
  return Object.entries(fields).map(([field, target]) => {
    const targets = listed(target).flatMap((each) => (isSame(each) ? listed(fields[each.as]!) : [each]))
    return [field.toLowerCase(), targets.flatMap((each) => (isSame(each) ? [] : placeOf(each)))] as const
  })
}

function listed(target: Target | readonly Target[]): readonly Target[] {
  return Array.isArray(target) ? target : [target as Target]
}

function isSame(target: Target): target is SameTarget {
  return typeof target === 'object' && 'as' in target
}

function ecsPlace(field: string, datasets: readonly string[], vocabulary: Vocabulary): Place {
  if (vocabulary.hasField(new Set(datasets), field)) return placeOf(field)
  throw new Refused('unmapped-field', `no event of ${datasets.join(', ')} has the ECS field "${field}"`)
}

const KEY = /^[A-Za-z_][A-Za-z0-9_ :/-]*$/

/** The record's member of that name, dots stepping down; what stands there may be anything. */
function recordPlace(field: string): Place {
  const keys = field.split('.')
  const wrong = keys.find((key) => !KEY.test(key))
  if (wrong !== undefined)
    throw new Refused('unmapped-field', `"${field}" is no path into a record: name it in a --map file`)
  const steps = keys.map((key) => (/^[A-Za-z0-9_-]+$/.test(key) ? `.${key}` : `['${key}']`))
  return placeOf({ path: `$${steps.join('')}`, within: true })
}
