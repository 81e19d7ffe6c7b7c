import type { AlertV1 } from '@weir/contract'
import { ALWAYS, within } from './paths.ts'

/**
 * The alert with the named members and what identifies it, nothing else. The message is the rule's name where it
 * is not among them, for it may hold what was left out; group and events are empty then.
 */
export function only(alert: AlertV1, fields: readonly string[]): AlertV1 {
  const kept = keep(alert, '', [...ALWAYS, ...fields]) as Partial<AlertV1>
  const { weir } = kept as Pick<AlertV1, 'weir'>
  return {
    ...(kept as AlertV1),
    message: kept.message ?? alert.rule.name,
    weir: {
      ...weir,
      alert: { ...weir.alert, group: weir.alert.group ?? {}, events: weir.alert.events ?? [] },
    },
  }
}

/** Members within one of the paths whole, those above one in part. A list of objects is treated as one object. */
function keep(value: unknown, place: string, paths: readonly string[]): unknown {
  if (place !== '' && paths.some((path) => within(place, path))) return value
  if (Array.isArray(value)) return value.map((each) => keep(each, place, paths)).filter(isSomething)
  if (typeof value !== 'object' || value === null) return undefined
  const members = Object.entries(value).flatMap(([name, each]) => {
    const below = place === '' ? name : `${place}.${name}`
    const wanted = paths.some((path) => within(below, path) || within(path, below))
    const kept = wanted ? keep(each, below, paths) : undefined
    return isSomething(kept) ? [[name, kept]] : []
  })
  return members.length === 0 ? undefined : Object.fromEntries(members)
}

function isSomething(value: unknown): boolean {
  return value !== undefined
}
