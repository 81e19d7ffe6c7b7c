import { readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { type FieldMap, importSigma, loadRules, type RuleSet, type SigmaImport } from '@weir/engine'
import { fileMessages, filesOf } from '@weir/ingest'
import { DATASETS } from '@weir/normalize'
import { DEFAULTS, replay } from '@weir/pipeline'
import { systemClock } from '@weir/runtime'

/** Folder of published rules and records; tests that need it are skipped without it. */
export const CORPUS = process.env['WEIR_CORPUS']

/** Imports the Sigma files below some folders of the corpus; paths are told from the corpus on. */
export async function importCorpus(
  folders: readonly string[],
  maps: readonly FieldMap[] = [],
): Promise<SigmaImport> {
  const root = CORPUS ?? ''
  const paths = (await filesOf(folders.map((folder) => join(root, folder)))).filter((path) =>
    path.endsWith('.yml'),
  )
  const files = await Promise.all(
    paths.map(async (path) => ({ path: relative(root, path), text: await readFile(path, 'utf8') })),
  )
  return importSigma(files, maps, DATASETS)
}

/** The imported rules as the loader gives them. */
export function loadedRules({ rules }: SigmaImport): RuleSet {
  return loadRules(
    rules.map(({ path, json }) => ({ path, text: JSON.stringify(json) })),
    DATASETS,
  )
}

/** Distinct event ids by rule, for records that went through the whole line. */
export async function matchesOver(
  rules: RuleSet,
  folder: string,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const deps = { clock: systemClock, stdin: process.stdin }
  const files = await filesOf([join(CORPUS ?? '', folder)])
  const inputs = files.map((name) => ({ name, messages: fileMessages(name, deps) }))
  const matches = new Map<string, Set<string>>()
  for await (const step of replay({ ...DEFAULTS, version: 'test' }, rules, inputs)) {
    for (const { rule, eventId } of step.matches)
      matches.set(rule, (matches.get(rule) ?? new Set()).add(eventId))
  }
  return matches
}
