/** What a command's exit code says. */
export const EXIT = { ok: 0, findings: 1, wrongUse: 2 } as const
