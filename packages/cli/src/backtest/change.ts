import type { Contents } from './contents.ts'

/** Messages shown of each kind. */
const EXAMPLES_MAX = 3

/** One rule's alerts against those of the baseline, compared as rule, group and set of event identities. */
export interface Change {
  readonly rule: string
  readonly same: number
  readonly gone: number
  readonly new: number
  readonly examples: {
    readonly same: readonly string[]
    readonly gone: readonly string[]
    readonly new: readonly string[]
  }
}

/** Rules with any alert on either side, most changed first. */
export function changesOf(before: Contents, after: Contents): readonly Change[] {
  return [...new Set([...before.rules, ...after.rules])]
    .map((rule) => changeOf(rule, before, after))
    .sort((a, b) => b.gone + b.new - (a.gone + a.new) || (a.rule < b.rule ? -1 : 1))
}

function changeOf(rule: string, before: Contents, after: Contents): Change {
  const [were, are] = [before.of(rule), after.of(rule)]
  const same = [...are].filter(([key]) => were.has(key))
  const fresh = [...are].filter(([key]) => !were.has(key))
  const gone = [...were].filter(([key]) => !are.has(key))
  return {
    rule,
    same: same.length,
    gone: gone.length,
    new: fresh.length,
    examples: { same: messagesOf(same), gone: messagesOf(gone), new: messagesOf(fresh) },
  }
}

function messagesOf(alerts: readonly (readonly [string, string | undefined])[]): readonly string[] {
  return alerts.flatMap(([, message]) => message ?? []).slice(0, EXAMPLES_MAX)
}
