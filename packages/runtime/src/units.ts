import { z } from 'zod'

const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/
const DURATION_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const SIZE = /^(\d+(?:\.\d+)?)(B|KB|MB|GB|TB)$/
const SIZE_BYTES = { B: 1, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 } as const

/** A duration as people write it (`30s`, `10m`, `24h`, `7d`), in milliseconds. */
export const duration = z.string('write a text such as "10m"').transform((text, context) => {
  const parts = DURATION.exec(text)
  if (parts !== null) return Number(parts[1]) * DURATION_MS[parts[2] as keyof typeof DURATION_MS]
  context.addIssue({
    code: 'custom',
    message: `"${text}" is no duration; write a number and ms, s, m, h or d, such as "10m"`,
  })
  return z.NEVER
})

/** A size as people write it (`64MB`, `10GB`; powers of ten), in bytes. */
export const size = z.string('write a text such as "64MB"').transform((text, context) => {
  const parts = SIZE.exec(text)
  if (parts !== null) return Number(parts[1]) * SIZE_BYTES[parts[2] as keyof typeof SIZE_BYTES]
  context.addIssue({
    code: 'custom',
    message: `"${text}" is no size; write a number and B, KB, MB, GB or TB, such as "64MB"`,
  })
  return z.NEVER
})
