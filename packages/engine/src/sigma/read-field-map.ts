import { isObject, type JsonObject, type JsonValue } from '@weir/model'
import type { FieldMap } from './field-map.ts'

/** A field map that is not one; the message names the place. */
export class FieldMapError extends Error {
  override readonly name = 'FieldMapError'
}

const MAP_KEYS = ['logsource', 'dataset', 'where', 'unmapped', 'fields', 'placeholders']
const LOGSOURCE_KEYS = ['product', 'service', 'category']
const TARGET_KEYS = ['fact', 'path', 'within', 'group', 'values']

/** One map, or a list of them, as a --map file holds it. Throws `FieldMapError`. */
export function readFieldMaps(json: unknown): readonly FieldMap[] {
  return (Array.isArray(json) ? json : [json]).map(readFieldMap)
}

export function readFieldMap(json: unknown): FieldMap {
  const map = objectOf(json, 'a field map', MAP_KEYS)
  const logsource = objectOf(map.logsource, 'logsource', LOGSOURCE_KEYS)
  for (const [key, value] of Object.entries(logsource)) textOf(value, `logsource.${key}`)
  if (map.dataset !== undefined) textsOf(map.dataset, 'dataset')
  if (map.unmapped !== undefined && map.unmapped !== 'refuse' && map.unmapped !== 'record')
    throw new FieldMapError('unmapped must be "refuse" or "record"')
  if (map.where !== undefined)
    listOf(map.where, 'where').forEach((each) => void checkConditions(each, 'where'))
  for (const [field, target] of Object.entries(objectOf(map.fields ?? {}, 'fields')))
    for (const each of Array.isArray(target) ? target : [target])
      checkTarget(each, map.fields as JsonObject, `fields["${field}"]`)
  for (const [name, values] of Object.entries(objectOf(map.placeholders ?? {}, 'placeholders')))
    textsOf(values, `placeholders["${name}"]`)
  return map as unknown as FieldMap
}

function checkTarget(target: JsonValue | undefined, fields: JsonObject, at: string): void {
  if (typeof target === 'string') return
  if (isObject(target) && target.as !== undefined) {
    checkSame(target, fields, at)
    return
  }
  const { fact, path, within, group, values } = objectOf(target, at, TARGET_KEYS)
  if (fact === undefined && path === undefined) throw new FieldMapError(`${at} needs a fact or a path`)
  for (const [key, value] of Object.entries({ fact, path, group }))
    if (value !== undefined) textOf(value, `${at}.${key}`)
  if (path !== undefined && !String(path).startsWith('$'))
    throw new FieldMapError(`${at}.path must begin with "$"`)
  if (within !== undefined && typeof within !== 'boolean')
    throw new FieldMapError(`${at}.within must be true or false`)
  for (const [value, mapped] of Object.entries(objectOf(values ?? {}, `${at}.values`)))
    for (const each of listOf(mapped, `${at}.values["${value}"]`))
      if (typeof each === 'object') checkConditions(each, `${at}.values["${value}"]`)
}

function checkSame(target: JsonObject, fields: JsonObject, at: string): void {
  const { as } = objectOf(target, at, ['as'])
  const named = typeof as === 'string' ? fields[as] : undefined
  if (named === undefined || (isObject(named) && named.as !== undefined))
    throw new FieldMapError(`${at}.as must name a field that this map lists with its place`)
}

/** Only their shape: what they say is checked with the rules that they come into. */
function checkConditions(value: JsonValue | undefined, at: string): void {
  const conditions = objectOf(value, at)
  for (const kind of ['all', 'any'] as const)
    if (conditions[kind] !== undefined)
      for (const each of listOf(conditions[kind], at)) checkConditions(each, at)
  if (conditions.not !== undefined) checkConditions(conditions.not, at)
  if (!['all', 'any', 'not', 'fact'].some((key) => conditions[key] !== undefined))
    throw new FieldMapError(`${at} holds a condition with none of all, any, not, fact`)
}

function objectOf(value: unknown, at: string, known?: readonly string[]): JsonObject {
  if (!isObject(value)) throw new FieldMapError(`${at} must be an object`)
  const unknown = Object.keys(value).find((key) => known !== undefined && !known.includes(key))
  if (unknown !== undefined)
    throw new FieldMapError(`${at} has the unknown member "${unknown}"; known are ${known!.join(', ')}`)
  return value
}

function listOf(value: JsonValue | undefined, at: string): readonly JsonValue[] {
  if (Array.isArray(value)) return value
  throw new FieldMapError(`${at} must be a list`)
}

function textOf(value: JsonValue | undefined, at: string): void {
  if (typeof value !== 'string' || value === '') throw new FieldMapError(`${at} must be text`)
}

function textsOf(value: JsonValue | undefined, at: string): void {
  for (const each of listOf(value, at)) textOf(each, at)
}
