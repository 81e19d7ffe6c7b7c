import type { FieldValue, JsonObject, JsonValue, Made } from '@weir/model'
import { addressOf, ipOf } from './address.ts'
import { type ArmId, armIdOf } from './arm.ts'
import { fold } from './fold.ts'

/** One row of a dataset's table: how a field is read, and where it stands in the provider's record. */
export interface Row {
  readonly from: string
  readonly read: (record: JsonObject) => FieldValue
  readonly folded?: boolean
  readonly made?: Made
}

/** Where something stands: `properties.status.errorCode`, or its keys where a key itself holds a dot. */
export type Path = string | readonly string[]

export type Reach = (record: JsonObject) => JsonValue | undefined

/**
 * Compiles a path to a direct reader, at its first use. Written out as code for its keys, because then the engine
 * knows each step's object shape; closures that share a step over keys take twice as long. Paths are our own.
 */
export function reach(path: Path): Reach {
  const keys = keysOf(path)
  if (keys.length === 1) {
    const [key] = keys as readonly [string]
    return (record) => record[key]
  }
  let compiled: Reach | undefined
  return (record) => {
    compiled ??= compile(keys)
    return compiled(record)
  }
}

function compile(keys: readonly string[]): Reach {
  const steps = keys.map((key) => `[${JSON.stringify(key)}]`)
  const further = steps
    .slice(1)
    .map((step) => `if (typeof v !== 'object' || v === null) return\nv = v${step}`)
  return new Function('v', `v = v${steps[0]}\n${further.join('\n')}\nreturn v`) as Reach
}

function keysOf(path: Path): readonly string[] {
  return typeof path === 'string' ? path.split('.') : path
}

function nameOf(path: Path): string {
  return keysOf(path).join('.')
}

/** A member of an object, or an element of a list by its index; `undefined` for what has none. */
export function member(value: JsonValue | undefined, key: string): JsonValue | undefined {
  return typeof value === 'object' && value !== null ? (value as JsonObject)[key] : undefined
}

/** Text, or a number as text; empty text, and the `<null>` that some services write, are nothing. */
export function textOf(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'string') return value === '' || value === '<null>' ? undefined : value
  return typeof value === 'number' ? String(value) : undefined
}

export function numberOf(value: JsonValue | undefined): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value !== 'string' || value.trim() === '') return undefined
  const number = Number(value)
  return Number.isFinite(number) ? number : undefined
}

function flagOf(value: JsonValue | undefined): boolean | undefined {
  if (typeof value === 'boolean') return value
  if (typeof value !== 'string') return undefined
  const lower = value.toLowerCase()
  return lower === 'true' || lower === 'yes' ? true : lower === 'false' || lower === 'no' ? false : undefined
}

/** Scalars of a list; `undefined` when there are none. */
export function listOf(value: JsonValue | undefined): readonly (string | number | boolean)[] | undefined {
  if (!Array.isArray(value)) return undefined
  const scalars = value.filter((each) => typeof each !== 'object')
  return scalars.length === 0 ? undefined : scalars
}

function row(path: Path, of: (value: JsonValue | undefined) => FieldValue): Row {
  const at = reach(path)
  const made = { path: keysOf(path), from: at, of: (value: unknown) => of(value as JsonValue | undefined) }
  return { from: nameOf(path), read: (record) => of(at(record)), made }
}

export function text(path: Path): Row {
  return row(path, textOf)
}

export function number(path: Path): Row {
  return row(path, numberOf)
}

export function flag(path: Path): Row {
  return row(path, flagOf)
}

export function list(path: Path): Row {
  return row(path, listOf)
}

/** A single address, without port, brackets or prefix. */
export function ip(path: Path): Row {
  return row(path, (value) => {
    const written = textOf(value)
    return written === undefined ? undefined : ipOf(written)
  })
}

/** The port behind an address. */
export function port(path: Path): Row {
  return row(path, (value) => addressOf(textOf(value) ?? '').port)
}

/** A part of an Azure resource id. */
export function arm(path: Path, part: keyof ArmId): Row {
  return { ...row(path, (value) => armIdOf(textOf(value) ?? '')[part]), folded: true }
}

export function constant(value: FieldValue): Row {
  return { from: `always ${JSON.stringify(value)}`, read: () => value }
}

/** What takes more than a path: the words say from what. */
export function derived(from: string, read: (record: JsonObject) => FieldValue): Row {
  return { from, read }
}

/** The first of several that has a value; in one spelling where all of them are. */
export function first(...rows: readonly Row[]): Row {
  const from = rows.map((each) => each.from).join(', else ')
  const read = (record: JsonObject) => firstValue(rows, record)
  return rows.every((each) => each.folded === true) ? { from, read, folded: true } : { from, read }
}

function firstValue(rows: readonly Row[], record: JsonObject): FieldValue {
  for (const each of rows) {
    const value = each.read(record)
    if (value !== undefined) return value
  }
  return undefined
}

/** The same in one spelling. */
export function folded(inner: Row): Row {
  return { ...further(inner, inner.from, foldedValue), folded: true }
}

function foldedValue(value: FieldValue): FieldValue {
  return typeof value === 'string' ? fold(value) : value
}

/** The same, through a function of its text. */
export function mapped(inner: Row, words: string, of: (value: string) => FieldValue): Row {
  return further(inner, `${words} of ${inner.from}`, (value) =>
    typeof value === 'string' ? of(value) : undefined,
  )
}

/** A row made of what another one gives. */
function further(inner: Row, from: string, of: (value: FieldValue) => FieldValue): Row {
  const { read } = inner
  const before = inner.made ?? { from: read, of: (value: unknown) => value as FieldValue }
  return {
    from,
    read: (record) => of(read(record)),
    made: { ...before, of: (value) => of(before.of(value)) },
  }
}
