import list from './attack-techniques.json' with { type: 'json' }
import type { Problems } from './problem.ts'
import type { Placed } from './read-tree.ts'

const KNOWN: ReadonlySet<string> = new Set([...idsOf(list.techniques), ...idsOf(list.later)])

/** Warns of ids that are in no release of ATT&CK known here: mistyped, retired, or newer than the list. */
export function warnUnknownTechniques(techniques: readonly Placed[], problems: Problems): void {
  for (const { text, at } of techniques)
    if (!KNOWN.has(text))
      problems.warn(at, 'unknown-technique', `${text} is not in ATT&CK Enterprise ${list.version}: ${WHY}`)
}

const WHY = 'mistyped, withdrawn, or newer than the list'

function idsOf(techniques: Readonly<Record<string, readonly string[]>>): readonly string[] {
  return Object.entries(techniques).flatMap(([id, parts]) => [id, ...parts.map((part) => `${id}.${part}`)])
}
