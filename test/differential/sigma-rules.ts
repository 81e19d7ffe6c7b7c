import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { importSigma, loadRules, type RuleSet } from '@weir/engine'
import { DATASETS } from '@weir/normalize'
import { below, CORPUS } from './events.ts'

/** Every Sigma rule of the corpus that can be imported; none without a corpus. */
export function sigmaRules(): RuleSet {
  const root = join(CORPUS ?? '', 'sigma-rules')
  const paths = CORPUS === undefined ? [] : below(root, /\.ya?ml$/)
  const files = paths.map((path) => ({ path: relative(root, path), text: readFileSync(path, 'utf8') }))
  const { rules } = importSigma(files, [], DATASETS)
  return loadRules(
    rules.map(({ path, json }) => ({ path, text: JSON.stringify(json) })),
    DATASETS,
  )
}
