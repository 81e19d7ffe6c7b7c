import type { AlertV1 } from '@weir/contract'

/** A tactic, technique or sub-technique as an alert names it. */
export interface AttackName {
  readonly id: string
  readonly name?: string
}

/** The ATT&CK technique ids of an alert, each once: sub-techniques beside their techniques. */
export function attackIds(alert: AlertV1): string[] {
  return [...new Set(techniquesOf(alert).map(({ id }) => id))]
}

/** The techniques of an alert, its sub-techniques among them, in the order in which they are named. */
export function techniquesOf({ threat }: AlertV1): AttackName[] {
  return listOf(threat?.['technique']).flatMap((one) => [
    ...namesOf(one),
    ...listOf(at(one, 'subtechnique')).flatMap(namesOf),
  ])
}

/** The tactics of an alert. */
export function tacticsOf({ threat }: AlertV1): AttackName[] {
  return listOf(threat?.['tactic']).flatMap(namesOf)
}

function listOf(value: unknown): unknown[] {
  if (value === undefined) return []
  return Array.isArray(value) ? value : [value]
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined
}

/** ECS has ids and names in two lists that run in parallel, or both as one text. */
function namesOf(technique: unknown): AttackName[] {
  const names = listOf(at(technique, 'name'))
  return listOf(at(technique, 'id')).flatMap((id, index) => {
    if (typeof id !== 'string') return []
    const name = names[index]
    return [typeof name === 'string' ? { id, name } : { id }]
  })
}
