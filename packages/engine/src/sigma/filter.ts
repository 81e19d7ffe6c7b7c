import type { Vocabulary } from '../rule/vocabulary.ts'
import type { Logsource, SigmaFilter, SigmaRule } from './document.ts'
import { type Entry, isRule } from './entry.ts'
import type { References } from './references.ts'
import { Refused } from './refusal.ts'
import { translate } from './translate.ts'

/**
 * Joins a filter's condition by and to the rules that it names. Throws `Refused`, before anything is changed,
 * where one of them could not take it.
 */
export function applyFilter(
  filter: Entry<SigmaFilter>,
  entries: readonly Entry[],
  references: References,
  vocabulary: Vocabulary,
): void {
  const targets = targetsOf(filter, entries, references)
  const standing = targets.filter((target) => target.event !== undefined)
  if (targets.length > 0 && standing.length === 0 && filter.document.rules !== 'any')
    throw new Refused('refused-rule', 'every rule that it names was refused')
  const drafts = standing.map(({ event }) => {
    const { conditions, reads } = translate(filter.document.detection, event!.fields, vocabulary)
    return {
      ...event!,
      conditions: [...event!.conditions, conditions],
      reads: new Map([...event!.reads, ...reads]),
    }
  })
  for (const [at, target] of standing.entries()) target.event = drafts[at]!
}

function targetsOf(
  filter: Entry<SigmaFilter>,
  entries: readonly Entry[],
  references: References,
): readonly Entry<SigmaRule>[] {
  const { rules, logsource } = filter.document
  if (rules === 'any')
    return entries.filter(isRule).filter((entry) => covers(logsource, entry.document.logsource))
  const named = rules.flatMap((word) => references.findAny(word, filter.file) ?? [])
  if (named.length === 0)
    throw new Refused(
      'unknown-rule',
      `none of the rules that it names is among these files: ${rules.join(', ')}`,
    )
  return named.map((entry) => {
    if (!isRule(entry))
      throw new Refused('filter', `"${entry.document.words.title}" is a correlation: filter its base rules`)
    if (covers(logsource, entry.document.logsource)) return entry
    throw new Refused('filter', `"${entry.document.words.title}" is of another log source than the filter`)
  })
}

/** Each member that the filter names is the rule's, too. */
function covers(filter: Logsource, rule: Logsource): boolean {
  return (['product', 'service', 'category'] as const).every(
    (key) => filter[key] === undefined || filter[key] === rule[key],
  )
}
