import { path } from '@weir/runtime'
import { z } from 'zod'
import { SHAPE } from './shape/config.ts'

/** What outputs and aggregators are called. */
export const name = z
  .string()
  .regex(/^[\w.-]{1,64}$/, 'a name has 1 to 64 letters, digits, dots, dashes or underscores')

/** Members of every output's configuration. */
export const COMMON = { name, ...SHAPE }

export const port = z.int().min(1).max(65_535)

export const printable = (charactersMax: number) =>
  z
    .string()
    .regex(new RegExp(`^[!-~]{1,${charactersMax}}$`), `1 to ${charactersMax} printable ASCII characters`)

/** Whom to trust and who we are, as PEM files. */
export const tls = {
  ca: path.optional(),
  cert: path.optional(),
  key: path.optional(),
  servername: z.string().optional(),
}

/** For `refine`: a certificate without its key, or the other way round, is a mistake. */
export const WHOLE_PAIR = [
  (of: { readonly cert?: string | undefined; readonly key?: string | undefined }): boolean =>
    (of.cert === undefined) === (of.key === undefined),
  { error: '"cert" and "key" go together' },
] as const

/** For `refine`: without TLS nobody looks at these, and all is sent in the open. */
export const TLS_IS_SPOKEN = [
  (
    of: { readonly transport: string } & { readonly [key in keyof typeof tls]?: string | undefined },
  ): boolean => of.transport === 'tls' || TLS_KEYS.every((key) => of[key] === undefined),
  { error: '"ca", "cert", "key" and "servername" are for the transport "tls" alone' },
] as const

const TLS_KEYS = Object.keys(tls) as (keyof typeof tls)[]
