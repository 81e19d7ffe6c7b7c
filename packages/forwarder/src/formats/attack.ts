import type { AlertV1 } from '@weir/contract'

/** The ATT&CK technique ids of an alert, each once: sub-techniques beside their techniques. */
export function attackIds({ threat }: AlertV1): string[] {
  if (threat === undefined) return []
  const techniques = listOf(threat['technique'])
  return [
    ...new Set(
      techniques.flatMap((one) => [...idsOf(one), ...listOf(at(one, 'subtechnique')).flatMap(idsOf)]),
    ),
  ]
}

function listOf(value: unknown): unknown[] {
  if (value === undefined) return []
  return Array.isArray(value) ? value : [value]
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined
}

function idsOf(technique: unknown): string[] {
  return listOf(at(technique, 'id')).filter((id): id is string => typeof id === 'string')
}
