import { Refused } from './refusal.ts'

/** A YAML map with text keys. */
export type Members = ReadonlyMap<string, unknown>

// Reading checked values out of YAML: each throws `Refused` with the member's name.

export function membersIn(value: unknown, what: string): Members {
  if (!(value instanceof Map)) throw new Refused('document', `${what} must be a map`)
  return new Map([...value].map(([key, each]) => [String(key), each]))
}

export function textIn(members: Members, key: string): string | undefined {
  const value = members.get(key)
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string') return value
  throw new Refused('document', `${key} must be text`)
}

/** A list of texts, or a single one; numbers are read as text. */
export function textsIn(members: Members, key: string): readonly string[] {
  const value = members.get(key)
  if (value === undefined || value === null) return []
  return (Array.isArray(value) ? value : [value]).map((each) => {
    if (typeof each === 'string' || typeof each === 'number') return String(each)
    throw new Refused('document', `${key} must be a list of texts`)
  })
}

export function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Refused('document', `${what} is missing`)
  return value
}
