import { loadFilters, type RuleSet } from '@weir/engine'
import { DATASETS } from '@weir/normalize'
import { WeirError } from '@weir/runtime'
import { problemLine } from './problem-line.ts'

/** Checks the filters in the text of a configuration. Throws `WeirError` CONFIG_INVALID with each mistake's place. */
export function refuseBadFilters(file: string, text: string): void {
  const wrong = loadFilters({ path: file, text }, DATASETS).problems.filter(
    ({ severity }) => severity === 'error',
  )
  if (wrong.length === 0) return
  const lines = wrong.map(problemLine).join('\n  ')
  throw new WeirError('CONFIG_INVALID', `${file} has ${wrong.length} mistake(s)\n  ${lines}`)
}

/** The filters of a configuration that was checked. */
export function filtersOf(drop: readonly object[]): RuleSet {
  return loadFilters({ path: 'drop', text: JSON.stringify({ drop }) }, DATASETS)
}
