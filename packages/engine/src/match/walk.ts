import { EACH } from '../rule/json-path.ts'

type Walk = (value: unknown) => unknown

/** Follows steps as jsonpath-plus would follow them from an object or a list. */
export function walkOf(steps: readonly string[]): Walk {
  const first = steps.indexOf(EACH)
  if (first < 0) return descentOf(steps)
  const descend = descentOf(steps.slice(0, first))
  const rest = steps.slice(first)
  return (value) => {
    const found: Found[] = []
    trace(rest, descend(value), first % 2 === 1, false, found)
    if (found.length === 1 && !found[0]!.listed) return found[0]!.value
    return found.length === 0 ? undefined : found.map((each) => each.value)
  }
}

interface Found {
  readonly value: unknown
  /** Found through `[*]`: then it comes as a list even when it is the only one. */
  readonly listed: boolean
}

/**
 * In jsonpath-plus a step takes a property by the very name before it takes the star for each (`literal`), though
 * not directly behind one that it has taken so.
 */
function trace(
  steps: readonly string[],
  value: unknown,
  literal: boolean,
  listed: boolean,
  found: Found[],
): void {
  const [step, ...rest] = steps
  if (step === undefined) found.push({ value, listed })
  else if ((step !== EACH || literal) && value && Object.hasOwn(value, step))
    trace(rest, (value as Record<string, unknown>)[step], !literal, listed, found)
  else if (step === EACH) traceEach(rest, value, found)
}

function traceEach(rest: readonly string[], value: unknown, found: Found[]): void {
  if (typeof value !== 'object' || value === null) return
  for (const each of Object.values(value)) trace(rest, each, true, true, found)
}

/**
 * Steps down by own properties only; nothing empty or false has any. Written out as code for its keys, because
 * then the engine knows each step's object shape; a shared loop over keys takes nearly twice as long.
 */
function descentOf(steps: readonly string[]): Walk {
  const lines = steps.map(
    (key) => `if (!v${isInherited(key) ? ` || !own(v, ${quoted(key)})` : ''}) return
v = v[${quoted(key)}]`,
  )
  return new Function('own', `return (v) => {\n${lines.join('\n')}\nreturn v }`)(Object.hasOwn) as Walk
}

/** Keys come from rule files, and paths that step down hold nothing that could end a string. */
function quoted(key: string): string {
  return JSON.stringify(key)
}

/** True for names that some JSON value has without owning them: `constructor`, `at`, `toFixed`. */
export function isInherited(key: string): boolean {
  return [Object, Array, String, Number, Boolean].some((each) => key in each.prototype)
}
