import type { AlertV1 } from '@weir/contract'
import { type AttackName, tacticsOf, techniquesOf } from '../formats/attack.ts'
import {
  DEFENSE_EVASION,
  DEFENSE_IMPAIRMENT,
  IMPAIRING,
  STEALTH,
  TECHNIQUE_NAMES,
  TECHNIQUES,
} from './attack-versions.ts'

type Release = 'v18' | 'v19'

/** The alert with the ids and names that a release of ATT&CK has for its tactic and techniques. */
export function numbered(alert: AlertV1, release: Release): AlertV1 {
  if (alert.threat === undefined) return alert
  const { tactic: _, technique: __, ...rest } = alert.threat
  const techniques = renumber(techniquesOf(alert), release)
  const tactics = tacticsOf(alert).map((tactic) => tacticIn(tactic, techniques, release))
  const threat = {
    ...rest,
    ...(tactics.length === 0 ? {} : { tactic: columnsOf(tactics) }),
    ...(techniques.length === 0 ? {} : { technique: tree(techniques, release) }),
  }
  return { ...alert, threat: threat as NonNullable<AlertV1['threat']> }
}

/** A technique that is there as the parent of another alone is left out: it comes again with its new parts. */
function renumber(techniques: readonly AttackName[], release: Release): AttackName[] {
  const meant = techniques.filter(({ id }) => !techniques.some((other) => other.id.startsWith(`${id}.`)))
  const found = new Map(meant.map((each) => [TECHNIQUES[release].get(each.id) ?? each.id, each]))
  return [...found].map(([id, was]) => nameIn(id, was, release))
}

function nameIn(id: string, was: AttackName, release: Release): AttackName {
  const name = TECHNIQUE_NAMES[release].get(id) ?? was.name
  return name === undefined ? { id } : { id, name }
}

/** Release 18 has one tactic where release 19 has two, which the techniques tell apart. */
function tacticIn(tactic: AttackName, techniques: readonly AttackName[], release: Release): AttackName {
  if (tactic.id !== DEFENSE_EVASION.id && tactic.id !== DEFENSE_IMPAIRMENT.id) return tactic
  if (release === 'v18') return DEFENSE_EVASION
  const impairs = techniques.length > 0 && techniques.every(({ id }) => IMPAIRING.includes(parentOf(id)))
  return tactic.id === DEFENSE_IMPAIRMENT.id || impairs ? DEFENSE_IMPAIRMENT : STEALTH
}

/** As alerts have it: techniques by id, those of sub-techniques among them, and the sub-techniques below. */
function tree(techniques: readonly AttackName[], release: Release) {
  const parts = techniques.filter(({ id }) => id.includes('.'))
  const parents = new Map(
    techniques.map((each) => {
      const id = parentOf(each.id)
      return [id, each.id === id ? each : parentIn(id, release)]
    }),
  )
  return {
    ...columnsOf([...parents.values()]),
    ...(parts.length === 0 ? {} : { subtechnique: columnsOf(parts) }),
  }
}

function parentIn(id: string, release: Release): AttackName {
  const name = TECHNIQUE_NAMES[release].get(id)
  return name === undefined ? { id } : { id, name }
}

function parentOf(id: string): string {
  return id.split('.')[0]!
}

/** ECS has ids and names in two lists that run in parallel; there are names only where each has one. */
function columnsOf(list: readonly AttackName[]) {
  const names = list.flatMap(({ name }) => (name === undefined ? [] : [name]))
  return { id: list.map(({ id }) => id), ...(names.length === list.length ? { name: names } : {}) }
}
