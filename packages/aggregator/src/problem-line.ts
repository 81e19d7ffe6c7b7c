import type { Problem } from '@weir/engine'

/** What is wrong with a file of rules, in one line: place, severity, code, words. */
export function problemLine(problem: Problem): string {
  return `${problem.file}:${problem.line}:${problem.column} ${problem.severity} ${problem.code}: ${problem.message}`
}
