import { z } from 'zod'

/** The body of every refusal. */
export const problem = z.object({
  error: z.object({
    code: z.enum([
      'BAD_REQUEST',
      'NO_TOKEN',
      'WRONG_ROLE',
      'NOT_FOUND',
      'SESSION_TAKEN',
      'NO_SESSION',
      'FEED_AHEAD',
      'TOO_LARGE',
      'TOO_MANY',
      'NOT_RUNNING',
      'INTERNAL',
    ]),
    message: z.string(),
  }),
})

export type Problem = z.infer<typeof problem>
export type ProblemCode = Problem['error']['code']
