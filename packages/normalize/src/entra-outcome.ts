/**
 * Codes of sign-ins that were stopped to ask for something, after a right password or before any: a choice of
 * account, a password to renew, a second factor to enrol or to give, a device to register, a consent, a
 * session to refresh. Whether the user got in is told by the record that follows, so they are neither success
 * nor failure.
 */
const PROMPTS: ReadonlySet<number> = new Set([
  16000, 16001, 50055, 50058, 50072, 50074, 50076, 50078, 50079, 50097, 50125, 50127, 50129, 50140, 50144,
  50158, 50199, 51006, 65001, 70043, 70044,
])

/** ECS outcome of a sign-in error code (AADSTS). */
export function outcomeOfCode(code: number | undefined): 'success' | 'failure' | 'unknown' {
  if (code === undefined || PROMPTS.has(code)) return 'unknown'
  return code === 0 ? 'success' : 'failure'
}
