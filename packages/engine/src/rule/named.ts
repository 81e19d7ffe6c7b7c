import type { TopLevelCondition } from 'json-rules-engine'
import { checkConditions } from './check-conditions.ts'
import { warnUnreachable } from './check-reach.ts'
import type { ConditionNames } from './condition-context.ts'
import { type Node, plain } from './json-tree.ts'
import type { NamedCondition } from './named-condition.ts'
import type { Problems } from './problem.ts'

/** A file of named conditions as it was parsed. */
export interface ConditionFile {
  readonly root: Node
  readonly problems: Problems
}

/** Reads and checks files of named conditions, each an object of name and conditions; one built on itself is left out. */
export function readNamed(
  files: readonly ConditionFile[],
  names: Omit<ConditionNames, 'named'>,
): ReadonlyMap<string, NamedCondition> {
  const named = new Map<string, NamedCondition>()
  for (const file of files) collect(file, named)
  leaveOutCycles(named)
  for (const { node, problems } of named.values()) {
    checkConditions(node, { ...names, named, problems, gate: new Set() })
    if (!problems.failed) warnUnreachable(node, problems)
  }
  return named
}

/** Those that conditions refer to, and those that these refer to in turn. */
export function namedIn(
  conditions: unknown,
  named: ReadonlyMap<string, NamedCondition>,
  found = new Map<string, TopLevelCondition>(),
): ReadonlyMap<string, TopLevelCondition> {
  for (const name of referencesIn(conditions)) {
    const inner = named.get(name)?.conditions
    if (inner === undefined || found.has(name)) continue
    found.set(name, inner)
    namedIn(inner, named, found)
  }
  return found
}

function collect({ root, problems }: ConditionFile, named: Map<string, NamedCondition>): undefined {
  if (root.kind !== 'object')
    return problems.error(root.at, 'type', 'a file of named conditions holds one object: name and conditions')
  for (const { key, at, value } of root.members) {
    if (key === '$schema') continue
    const first = named.get(key)
    if (key.trim() === '') problems.error(at, 'type', 'a name must not be empty')
    else if (first !== undefined)
      problems.error(at, 'duplicate-id', `condition "${key}" is already in ${first.problems.file}`)
    else named.set(key, { node: value, problems, conditions: plain(value) as unknown as TopLevelCondition })
  }
}

function leaveOutCycles(named: Map<string, NamedCondition>): void {
  const cyclic = [...named].filter(([name, { conditions }]) => namedIn(conditions, named).has(name))
  for (const [name, { node, problems }] of cyclic) {
    problems.error(node.at, 'cycle', `condition "${name}" is built on itself`)
    named.delete(name)
  }
}

function referencesIn(conditions: unknown, names: string[] = []): readonly string[] {
  if (Array.isArray(conditions)) for (const each of conditions) referencesIn(each, names)
  else if (typeof conditions === 'object' && conditions !== null) {
    const { condition } = conditions as { condition?: unknown }
    if (typeof condition === 'string') names.push(condition)
    for (const each of Object.values(conditions)) referencesIn(each, names)
  }
  return names
}
