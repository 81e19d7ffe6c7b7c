import { severity } from '@weir/contract'
import { secret } from '@weir/runtime'
import { z } from 'zod'
import { nearest } from './nearest.ts'
import { FIELDS, plain, REDACTED } from './paths.ts'

const filter = z.strictObject({
  severities: z.array(severity).optional(),
  kinds: z.array(z.enum(['detection', 'health'])).optional(),
  /** A `*` at the end stands for anything; so it does in the next three. */
  rules: z.array(z.string()).optional(),
  exceptRules: z.array(z.string()).optional(),
  tags: z.array(z.string()).optional(),
  exceptTags: z.array(z.string()).optional(),
  datasets: z.array(z.string()).optional(),
})

/** Characters of a key below which the values behind hashes could be guessed with it. */
const KEY_CHARACTERS_MIN = 16

const key = secret.refine((each) => each.reveal().length >= KEY_CHARACTERS_MIN, {
  error: `a key of ${KEY_CHARACTERS_MIN} characters or more`,
})

const redaction = z
  .strictObject({
    path: pathAmong(REDACTED, 'cannot be redacted'),
    with: z.string().min(1).optional(),
    hash: key.optional(),
  })
  .refine((each) => each.with === undefined || each.hash === undefined, {
    error: 'give "with" or "hash", not both',
  })

/** Members of every output's configuration that say what of an alert it gets. */
export const SHAPE = {
  filter: filter.optional(),
  fields: z.array(pathAmong(FIELDS, 'is no member of an alert')).optional(),
  redact: z.array(redaction).optional(),
  /** In which numbering ATT&CK ids are written; as the rules have them where it is not said. */
  attack: z.enum(['v18', 'v19']).optional(),
}

const shapeConfig = z.object(SHAPE)

export type ShapeConfig = z.output<typeof shapeConfig>
export type FilterConfig = z.output<typeof filter>
export type Redaction = z.output<typeof redaction>

function pathAmong(known: readonly string[], problem: string) {
  return z.string().transform((text, context) => {
    const path = plain(text)
    if (known.includes(path)) return path
    const near = nearest(path, known)
    const hint = near === undefined ? '' : `; did you mean ${near}?`
    context.addIssue({ code: 'custom', message: `${text} ${problem}${hint}` })
    return z.NEVER
  })
}
