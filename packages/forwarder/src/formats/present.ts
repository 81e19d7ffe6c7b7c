/**
 * An object without the members that hold nothing (undefined, an empty text, list or object); `undefined` when
 * none is left.
 */
export function present(
  members: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> | undefined {
  const held = Object.entries(members).filter(([, value]) => !isNothing(value))
  return held.length === 0 ? undefined : Object.fromEntries(held)
}

function isNothing(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true
  return typeof value === 'object' && Object.keys(value).length === 0
}
