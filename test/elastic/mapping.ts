import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import type { JsonValue } from '@weir/model'

interface Field {
  readonly type?: string
  readonly ignore_above?: number
  readonly ignore_malformed?: boolean
  readonly properties?: Readonly<Record<string, Field>>
}

/** Fields by path; objects on the way to them are no fields. */
export type Mapping = ReadonlyMap<string, Field>

/** What keeps a document, or a value of it, out of an index with that mapping. */
export interface Misfit {
  /** `conflict`: the document is refused. `malformed`, `long`: the value is left out. `unmapped`: it is not indexed. */
  readonly kind: 'conflict' | 'malformed' | 'long' | 'unmapped'
  readonly path: string
  readonly value: string
}

export interface Template {
  readonly template: {
    readonly settings: { readonly index: { readonly mapping: { readonly ignore_malformed: boolean } } }
    readonly mappings: { readonly dynamic: boolean; readonly properties: Readonly<Record<string, Field>> }
  }
}

export function readTemplate(product: 'elastic' | 'opensearch'): Template {
  const file = new URL(`../../deploy/${product}/mappings.json`, import.meta.url)
  return JSON.parse(readFileSync(file, 'utf8')) as Template
}

export function mappingOf({ template }: Template): Mapping {
  return new Map(fieldsOf(template.mappings.properties, ''))
}

function fieldsOf(properties: Readonly<Record<string, Field>>, before: string): [string, Field][] {
  return Object.entries(properties).flatMap(([name, field]): [string, Field][] => {
    const path = `${before}${name}`
    return field.properties === undefined ? [[path, field]] : fieldsOf(field.properties, `${path}.`)
  })
}

/** Goes through a document as an indexer does: lists count for nothing, nothing is no value. */
export function misfits(document: unknown, mapping: Mapping): Misfit[] {
  return look(document as JsonValue, '', mapping)
}

function look(value: JsonValue, path: string, mapping: Mapping): Misfit[] {
  if (value === null) return []
  if (Array.isArray(value)) return value.flatMap((each) => look(each, path, mapping))
  const field = mapping.get(path)
  if (field !== undefined) return lookAtValue(value, path, field)
  const misfit = (kind: Misfit['kind']) => [{ kind, path, value: JSON.stringify(value) }]
  const within = path === '' || [...mapping.keys()].some((name) => name.startsWith(`${path}.`))
  if (!within) return misfit('unmapped')
  if (typeof value !== 'object') return misfit('conflict')
  return Object.entries(value).flatMap(([name, each]) =>
    look(each as JsonValue, path === '' ? name : `${path}.${name}`, mapping),
  )
}

const KEYS_AND_VALUES: ReadonlySet<string | undefined> = new Set(['flattened', 'flat_object'])

function lookAtValue(value: JsonValue, path: string, field: Field): Misfit[] {
  const misfit = (kind: Misfit['kind']) => [{ kind, path, value: JSON.stringify(value) }]
  if (KEYS_AND_VALUES.has(field.type)) return typeof value === 'object' ? [] : misfit('conflict')
  if (typeof value === 'object') return misfit('conflict')
  if (!wellFormed(value, field)) return misfit(field.ignore_malformed === false ? 'conflict' : 'malformed')
  return String(value).length > (field.ignore_above ?? Number.POSITIVE_INFINITY) ? misfit('long') : []
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/

function wellFormed(value: JsonValue, { type }: Field): boolean {
  switch (type) {
    case 'keyword':
    case 'text':
    case 'match_only_text':
      return true
    case 'long':
      return typeof value === 'number' && Number.isSafeInteger(value)
    case 'date':
      return typeof value === 'string' && INSTANT.test(value) && !Number.isNaN(Date.parse(value))
    case 'ip':
      return typeof value === 'string' && isIP(value) !== 0
    default:
      throw new Error(`no test knows the type ${type}`)
  }
}
