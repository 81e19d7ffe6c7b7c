import type { Dataset } from '@weir/model'
import { loadRules } from '../rule/load.ts'
import { Vocabulary } from '../rule/vocabulary.ts'
import { Correlations } from './correlation.ts'
import type { SigmaFilter } from './document.ts'
import { type Entry, isCorrelation, isRule } from './entry.ts'
import type { FieldMap } from './field-map.ts'
import { fieldsFor } from './field-maps.ts'
import { applyFilter } from './filter.ts'
import { SIGMA_MAPS } from './maps.ts'
import { References } from './references.ts'
import { Refused } from './refusal.ts'
import { type ImportedRule, ruleFileOf } from './rule-file.ts'
import { translate } from './translate.ts'

/** Turns each document into a draft or a refusal: rules first, then the filters over them, then the correlations. */
export function settle(
  entries: readonly Entry[],
  own: readonly FieldMap[],
  datasets: ReadonlyMap<string, Dataset>,
): void {
  const vocabulary = new Vocabulary(datasets)
  const references = new References(entries)
  for (const entry of entries) if (isRule(entry)) refusing(entry, () => draftRule(entry, own, vocabulary))
  for (const entry of entries)
    if (entry.document.kind === 'filter')
      refusing(entry, () => applyFilter(entry as Entry<SigmaFilter>, entries, references, vocabulary))
  const correlations = new Correlations(references, vocabulary)
  for (const entry of entries)
    if (isCorrelation(entry) && entry.refused === undefined)
      refusing(entry, () => correlations.resolve(entry))
  refuseBases(entries)
  while (refuseUnloadable(entries, datasets)) refuseBases(entries)
}

/** The rule files of all that was not refused. */
export function rulesOf(
  entries: readonly Entry[],
  datasets: ReadonlyMap<string, Dataset>,
): readonly ImportedRule[] {
  return entries.flatMap((entry) => ruleFileOf(entry, entries, datasets) ?? [])
}

function refusing(entry: Entry, work: () => void): void {
  try {
    work()
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    entry.refused = error
  }
}

function draftRule(entry: Entry, own: readonly FieldMap[], vocabulary: Vocabulary): void {
  if (!isRule(entry)) return
  const { logsource, words, detection } = entry.document
  const fields = fieldsFor(logsource, words.taxonomy, own, SIGMA_MAPS, vocabulary)
  const { conditions, reads } = translate(detection, fields, vocabulary)
  entry.event = { fields, conditions: [...fields.where, conditions], reads }
}

/** A base rule written for one correlation would alert for each event, where that was refused. */
function refuseBases(entries: readonly Entry[]): void {
  const correlations = entries.filter(isCorrelation)
  const fed = new Set(
    correlations
      .filter(({ refused }) => refused === undefined)
      .flatMap(({ correlation }) => correlation!.bases),
  )
  for (const { document, file, refused } of correlations) {
    if (refused === undefined || document.generate) continue
    for (const word of document.rules) {
      const base = entries.find((entry) => entry.file === file && isNamed(entry, word))
      if (base === undefined || base.refused !== undefined || fed.has(base)) continue
      base.refused = new Refused(
        'refused-correlation',
        `it is there for "${document.words.title}", which was refused`,
      )
    }
  }
}

function isNamed({ document }: Entry, word: string): boolean {
  const { id, name } = document.words
  return document.kind !== 'filter' && [id, name?.toLowerCase()].includes(word.toLowerCase())
}

/** What the loader refuses is refused here, with its words; true when there was something. */
function refuseUnloadable(entries: readonly Entry[], datasets: ReadonlyMap<string, Dataset>): boolean {
  const files = rulesOf(entries, datasets).map(({ id, json }) => ({ path: id, text: JSON.stringify(json) }))
  const errors = loadRules(files, datasets).problems.filter((problem) => problem.severity === 'error')
  for (const { file, message } of errors) {
    const entry = entries.find(({ ruleId }) => ruleId === file)!
    entry.refused ??= new Refused(isCorrelation(entry) ? 'correlation' : 'does-not-load', message)
  }
  return errors.length > 0
}
