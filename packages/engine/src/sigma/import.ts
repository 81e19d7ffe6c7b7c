import type { Dataset } from '@weir/model'
import type { Entry } from './entry.ts'
import type { FieldMap } from './field-map.ts'
import { type ReadDocument, readDocuments } from './read-documents.ts'
import { Refused } from './refusal.ts'
import type { ImportedRule } from './rule-file.ts'
import { ruleIds } from './rule-ids.ts'
import { rulesOf, settle } from './settle.ts'

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
  const read = files.flatMap((file) =>
    readDocuments(file.text).map((document) => ({ file: file.path, document })),
  )
  const ids = ruleIds(read.map(({ file, document }) => ({ file, document: document.document })))
  const lines = read.map(({ file, document }, at) => ({
    document,
    entry: entryOf(file, document, ids[at]!),
    file,
  }))
  const entries = lines.flatMap(({ entry }) => entry ?? [])
  settle(entries, own, datasets)
  return {
    rules: rulesOf(entries, datasets),
    outcomes: lines.map(({ file, document, entry }) => outcomeOf(file, document, entry)),
  }
}

function entryOf(file: string, { document }: ReadDocument, ruleId: string): Entry | undefined {
  return document instanceof Refused ? undefined : { file, document, ruleId }
}

function outcomeOf(
  file: string,
  { id, title, document }: ReadDocument,
  entry: Entry | undefined,
): SigmaOutcome {
  const refused = document instanceof Refused ? document : entry?.refused
  if (refused !== undefined)
    return { file, id, title, outcome: 'refused', reason: refused.reason, rule: null }
  return {
    file,
    id,
    title,
    outcome: 'imported',
    reason: null,
    rule: entry!.ruleId === '' ? null : entry!.ruleId,
  }
}
