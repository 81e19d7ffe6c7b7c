import type { AlertV1 } from '@weir/contract'
import { NUMBERS, within } from './paths.ts'

/** Whose values `related.*` lists, over all members of an alert that are listed. */
const LISTED = {
  ip: ['source.ip', 'destination.ip'],
  user: ['user.name', 'user.id', 'user.email', 'user.target.name'],
} as const

/**
 * Every text that stands at a path, in the group under the same name, or may stand there: a field on which the
 * members disagree is not in the alert, so that each related value which is no other field's is taken for one of it.
 */
export function valuesAt(alert: AlertV1, path: string): string[] {
  const group = Object.entries(alert.weir.alert.group)
    .filter(([name]) => within(name, path))
    .flatMap(([name, value]) => textsIn(value, name))
  return [...textsIn(at(alert, path), path), ...group, ...perhapsAt(alert, path)].filter(
    (text) => text !== '',
  )
}

function perhapsAt(alert: AlertV1, path: string): string[] {
  return Object.entries(LISTED).flatMap(([list, fields]) => {
    const absent = fields.filter((field) => within(field, path) && at(alert, field) === undefined)
    if (absent.length === 0) return []
    const others = new Set(fields.flatMap((field) => textsIn(at(alert, field), field)))
    return textsIn(alert.related?.[list], `related.${list}`).filter((text) => !others.has(text))
  })
}

function at(alert: AlertV1, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (value, key) =>
        typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined,
      alert,
    )
}

function textsIn(value: unknown, place: string): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value === 'number') return NUMBERS.includes(place) ? [] : [String(value)]
  if (Array.isArray(value)) return value.flatMap((each) => textsIn(each, place))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, each]) => textsIn(each, `${place}.${name}`))
}
