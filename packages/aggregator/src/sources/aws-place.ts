import { z } from 'zod'

/** Where a service of AWS is asked, and as whom: as the machine's own role, or as a profile that assumes another. */
export const aws = {
  region: z.string().regex(/^[a-z]{2}(?:-[a-z]+)+-\d$/, 'a region, as eu-west-1'),
  profile: z.string().min(1).optional(),
  /** Of a stand-in on this machine. */
  endpoint: z.url().optional(),
}
