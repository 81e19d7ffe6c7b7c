import { unknownName } from './problem.ts'
import type { Vocabulary } from './vocabulary.ts'

/** As many datasets are named; of more, how many. */
const DATASETS_TOLD_MAX = 3

/** That no event behind the gate has a field: which datasets do, or else the nearest known name. */
export function unknownField(
  what: string,
  name: string,
  gate: ReadonlySet<string>,
  vocabulary: Vocabulary,
  known: Iterable<string>,
): string {
  const having = [...vocabulary.datasets.values()].flatMap((each) => (each.fields.has(name) ? each.name : []))
  if (gate.size === 0 || having.length === 0) return unknownName(what, name, known)
  const more = having.length > DATASETS_TOLD_MAX ? ` and ${having.length - DATASETS_TOLD_MAX} more` : ''
  const where = having.slice(0, DATASETS_TOLD_MAX).join(', ')
  return `unknown ${what} "${name}": it is not in ${[...gate].join(', ')}, only in ${where}${more}`
}
