export type RuleFileKind = 'rule' | 'conditions' | 'json-list' | 'csv-list'

const ENDINGS = [
  ['.conditions.json', 'conditions'],
  ['.list.json', 'json-list'],
  ['.list.csv', 'csv-list'],
] as const

/** What a file in a rule folder holds, by its name. */
export function kindOf(path: string): RuleFileKind {
  return ENDINGS.find(([ending]) => path.endsWith(ending))?.[1] ?? 'rule'
}

/** True for a file that `loadRules` takes; not for the cases beside a rule, and not for anything else. */
export function isRuleFile(path: string): boolean {
  return (path.endsWith('.json') && !path.endsWith('.test.json')) || path.endsWith('.list.csv')
}

/** `blocked` of `lists/blocked.list.csv`. */
export function listName(path: string): string {
  return path.replace(/^.*[/\\]/, '').replace(/\.list\.(?:json|csv)$/, '')
}
