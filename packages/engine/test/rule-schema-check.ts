import { isDeepStrictEqual } from 'node:util'

/** The part of JSON Schema that the rule schema uses; a keyword beyond it is an error, so that none is ignored. */
export type Schema = Readonly<Record<string, unknown>>

const WORDS = ['$schema', '$id', '$defs', 'title', 'description', 'default', 'examples']

/** Where a value breaks the schema, empty when it does not; `root` resolves references. */
export function violations(schema: Schema, value: unknown, root: Schema, at = '$'): readonly string[] {
  return Object.entries(schema).flatMap(([keyword, argument]) => {
    if (WORDS.includes(keyword)) return []
    const check = KEYWORDS[keyword]
    if (check === undefined) throw new Error(`keyword ${keyword} is not checked`)
    return check(argument, value, { schema, root, at })
  })
}

interface Place {
  readonly schema: Schema
  readonly root: Schema
  readonly at: string
}

type Check = (argument: unknown, value: unknown, place: Place) => readonly string[]

function object(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined
}

function typeOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return ['array']
  if (value === null) return ['null']
  return Number.isInteger(value) ? ['integer', 'number'] : [typeof value]
}

function matching(schemas: unknown, value: unknown, { root, at }: Place): number {
  return (schemas as Schema[]).filter((schema) => violations(schema, value, root, at).length === 0).length
}

function unless(met: boolean, keyword: string, { at }: Place): readonly string[] {
  return met ? [] : [`${at} ${keyword}`]
}

const KEYWORDS: Readonly<Record<string, Check>> = {
  $ref: (argument, value, { root, at }) => {
    const name = String(argument).replace('#/$defs/', '')
    return violations((root['$defs'] as Record<string, Schema>)[name]!, value, root, at)
  },
  type: (argument, value, place) => unless(typeOf(value).includes(String(argument)), 'type', place),
  enum: (argument, value, place) => unless((argument as unknown[]).includes(value), 'enum', place),
  pattern: (argument, value, place) =>
    unless(typeof value !== 'string' || new RegExp(String(argument), 'u').test(value), 'pattern', place),
  minimum: (argument, value, place) =>
    unless(typeof value !== 'number' || value >= Number(argument), 'minimum', place),
  maximum: (argument, value, place) =>
    unless(typeof value !== 'number' || value <= Number(argument), 'maximum', place),
  maxItems: (argument, value, place) =>
    unless(!Array.isArray(value) || value.length <= Number(argument), 'maxItems', place),
  not: (argument, value, place) => unless(matching([argument], value, place) === 0, 'not', place),
  minItems: (argument, value, place) =>
    unless(!Array.isArray(value) || value.length >= Number(argument), 'minItems', place),
  uniqueItems: (_argument, value, place) =>
    unless(
      !Array.isArray(value) || value.every((a, i) => value.findIndex((b) => isDeepStrictEqual(a, b)) === i),
      'uniqueItems',
      place,
    ),
  items: (argument, value, { root, at }) =>
    Array.isArray(value)
      ? value.flatMap((each, i) => violations(argument as Schema, each, root, `${at}[${i}]`))
      : [],
  required: (argument, value, place) => {
    const members = object(value)
    return unless(!members || (argument as string[]).every((key) => key in members), 'required', place)
  },
  properties: (argument, value, { root, at }) =>
    Object.entries(argument as Record<string, Schema>).flatMap(([key, schema]) => {
      const members = object(value)
      return members && key in members ? violations(schema, members[key], root, `${at}.${key}`) : []
    }),
  additionalProperties: (argument, value, { schema, root, at }) => {
    const known = Object.keys((schema['properties'] as object | undefined) ?? {})
    const rest = Object.entries(object(value) ?? {}).filter(([key]) => !known.includes(key))
    return argument === false
      ? rest.map(([key]) => `${at}.${key} additionalProperties`)
      : rest.flatMap(([key, each]) => violations(argument as Schema, each, root, `${at}.${key}`))
  },
  anyOf: (argument, value, place) => unless(matching(argument, value, place) > 0, 'anyOf', place),
  oneOf: (argument, value, place) => unless(matching(argument, value, place) === 1, 'oneOf', place),
}
