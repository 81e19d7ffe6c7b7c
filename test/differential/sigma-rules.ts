import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import * as engine from '@weir/engine'
import { DATASETS } from '@weir/normalize'
import { below, CORPUS } from './events.ts'

/** The importer's part of the engine, where it has one. */
interface Importer {
  importSigma?(
    files: readonly { readonly path: string; readonly text: string }[],
    maps: readonly never[],
    datasets: typeof DATASETS,
  ): { readonly rules: readonly { readonly path: string; readonly json: object }[] }
}

/** Every rule of the corpus that can be imported; `undefined` without a corpus or an importer. */
export function sigmaRules(): engine.RuleSet | undefined {
  const { importSigma } = engine as Importer
  if (CORPUS === undefined || importSigma === undefined) return undefined
  const root = join(CORPUS, 'sigma-rules')
  const files = below(root, /\.ya?ml$/).map((path) => ({
    path: relative(root, path),
    text: readFileSync(path, 'utf8'),
  }))
  const { rules } = importSigma(files, [], DATASETS)
  return engine.loadRules(
    rules.map(({ path, json }) => ({ path, text: JSON.stringify(json) })),
    DATASETS,
  )
}
