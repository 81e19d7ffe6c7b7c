import type { Dataset } from '@weir/model'
import { Vocabulary } from '../rule/vocabulary.ts'
import { Correlations } from './correlation.ts'
import type { SigmaFilter } from './document.ts'
import { type Entry, isCorrelation, isRule } from './entry.ts'
import type { FieldMap } from './field-map.ts'
import { fieldsFor } from './field-maps.ts'
import { applyFilter } from './filter.ts'
import { SIGMA_MAPS } from './maps.ts'
import { type ReadDocument, readDocuments } from './read-documents.ts'
import { References } from './references.ts'
import { Refused } from './refusal.ts'
import { ruleIds } from './rule-ids.ts'
import { type ImportedRule, ruleFileOf } from './rule-file.ts'
import { translate } from './translate.ts'

export interface SigmaFile {
  readonly path: string
  readonly text: string
}

/** What became of one document. */
export interface SigmaOutcome {
  readonly file: string
  readonly id: string | null
  readonly title: string | null
  readonly outcome: 'imported' | 'refused'
  /** A code of `REFUSALS` and a sentence. */
  readonly reason: string | null
  /** The Weir rule's id; a filter has none. */
  readonly rule: string | null
}

export interface SigmaImport {
  readonly rules: readonly ImportedRule[]
  /** One for each document, in the order of the files. */
  readonly outcomes: readonly SigmaOutcome[]
}

/** Turns Sigma files into Weir rule files. Never throws: what cannot be imported is refused with its reason, and whole. */
export function importSigma(
  files: readonly SigmaFile[],
  own: readonly FieldMap[],
  datasets: ReadonlyMap<string, Dataset>,
): SigmaImport {
  const read = files.flatMap((file) => readDocuments(file.text).map((document) => ({ file: file.path, document })))
  const ids = ruleIds(read.map(({ file, document }) => ({ file, document: document.document })))
  const lines = read.map(({ file, document }, at) => ({ document, entry: entryOf(file, document, ids[at]!) , file }))
  const entries = lines.flatMap(({ entry }) => entry ?? [])
  settle(entries, own, new Vocabulary(datasets))
  return {
    rules: entries.flatMap((entry) => ruleFileOf(entry, entries, datasets) ?? []),
    outcomes: lines.map(({ file, document, entry }) => outcomeOf(file, document, entry)),
  }
}

function entryOf(file: string, { document }: ReadDocument, ruleId: string): Entry | undefined {
  return document instanceof Refused ? undefined : { file, document, ruleId }
}

function outcomeOf(file: string, { id, title, document }: ReadDocument, entry: Entry | undefined): SigmaOutcome {
  const refused = document instanceof Refused ? document : entry?.refused
  if (refused !== undefined) return { file, id, title, outcome: 'refused', reason: refused.reason, rule: null }
  return { file, id, title, outcome: 'imported', reason: null, rule: entry!.ruleId === '' ? null : entry!.ruleId }
}

/** Rules first, then the filters over them, then the correlations over both. */
function settle(entries: readonly Entry[], own: readonly FieldMap[], vocabulary: Vocabulary): void {
  const references = new References(entries)
  for (const entry of entries) if (isRule(entry)) refusing(entry, () => draftRule(entry, own, vocabulary))
  for (const entry of entries)
    if (entry.document.kind === 'filter')
      refusing(entry, () => applyFilter(entry as Entry<SigmaFilter>, entries, references, vocabulary))
  const correlations = new Correlations(references, vocabulary)
  for (const entry of entries)
    if (isCorrelation(entry) && entry.refused === undefined) refusing(entry, () => correlations.resolve(entry))
  refuseBases(entries, references)
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
function refuseBases(entries: readonly Entry[], references: References): void {
  const correlations = entries.filter(isCorrelation)
  const fed = new Set(correlations.filter(({ refused }) => refused === undefined).flatMap(({ correlation }) => correlation!.bases))
  for (const { document, file, refused } of correlations) {
    if (refused === undefined || document.generate) continue
    for (const word of document.rules) {
      const base = entries.find((entry) => entry.file === file && isNamed(entry, word))
      if (base === undefined || base.refused !== undefined || fed.has(base)) continue
      base.refused = new Refused('refused-correlation', `it is there for "${document.words.title}", which was refused`)
    }
  }
}

function isNamed({ document }: Entry, word: string): boolean {
  const { id, name } = document.words
  return document.kind !== 'filter' && [id, name?.toLowerCase()].includes(word.toLowerCase())
}
