import { readFile } from 'node:fs/promises'
import { type ImportedRule, importSigma } from '@weir/engine'
import { filesOf } from '@weir/ingest'
import { DATASETS } from '@weir/normalize'

const LEVELS: ReadonlySet<string> = new Set(['medium', 'high', 'critical'])

/** The Sigma rules below a folder that can be imported, of level medium and above. */
export async function importedRules(folder: string): Promise<readonly ImportedRule[]> {
  const paths = (await filesOf([folder])).filter((path) => /\.ya?ml$/i.test(path))
  const files = await Promise.all(paths.map(async (path) => ({ path, text: await readFile(path, 'utf8') })))
  const { rules } = importSigma(files, [], DATASETS)
  return rules.filter(({ json }) => LEVELS.has(String(json['severity'])))
}
