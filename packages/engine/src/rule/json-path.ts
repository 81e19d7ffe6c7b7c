/** The step of `[*]`, which no key can be mistaken for: none holds a star. */
export const EACH = '*'

/**
 * The keys of a JSONPath that only steps down (`$.a.b[0]['c d'][*].e`), in order; `undefined` for every other path.
 * Whatever jsonpath-plus could read in another way (filters, `~`, `^`, `@`, lists, slices) is left to it.
 */
export function stepsOf(path: string): readonly string[] | undefined {
  if (!SIMPLE.test(path)) return undefined
  return [...path.matchAll(STEP)].map((step) => step[1] ?? step[2] ?? step[3] ?? EACH)
}

/** Double quotes within brackets become part of the key in jsonpath-plus: never what the author meant. */
export function hasDoubleQuotes(path: string): boolean {
  return /\[\s*"/.test(path)
}

const SIMPLE = /^\$(?:\.[A-Za-z0-9_-]+|\[\d+\]|\['[A-Za-z_][A-Za-z0-9_ .:/-]*'\]|\[\*\])*$/
const STEP = /\.([A-Za-z0-9_-]+)|\[(\d+)\]|\['([^']+)'\]|\[\*\]/g
