import { duration, path, secret } from '@weir/runtime'
import { z } from 'zod'

/** What sources, tokens, forwarders and filters are called. */
export const name = z
  .string()
  .regex(/^[\w.-]{1,64}$/, 'a name has 1 to 64 letters, digits, dots, dashes or underscores')

/** Between two looks or tries. */
export const pause = duration.refine((ms) => ms > 0, { error: 'more than "0s", or it would never rest' })

/** How a source proves to Entra ID who it is. */
export const identity = {
  credential: z
    .enum(['default', 'managed-identity', 'workload-identity', 'client-secret', 'client-certificate'])
    .default('default'),
  clientId: z.string().optional(),
  /** The last four are for aggregators outside Azure, which have no identity of their own. */
  tenantId: z.string().optional(),
  secret: secret.optional(),
  certificatePath: path.optional(),
  authority: z.url().optional(),
}

/** A service on this machine that stands for one of Azure's. */
export const emulator = z.strictObject({ kind: z.literal('emulator'), connectionString: z.string() })

/** PEM files; with `ca`, clients must show a certificate that it signed. */
export const tlsFiles = z.strictObject({ cert: path, key: path, ca: path.optional() })

/** What a token is known by: its SHA-256, or itself by reference. */
export const tokenSecret = {
  /** SHA-256 of the token in hexadecimal; `weir token hash` makes it. */
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, '64 lower-case hexadecimal digits')
    .optional(),
  token: secret.optional(),
}

/** What a client certificate is known by. */
export const certificateMark = z.union(
  [
    z.strictObject({
      /** As `openssl x509 -fingerprint -sha256` prints it, or plain. */
      sha256: z
        .string()
        .transform((text) => text.replaceAll(':', '').toLowerCase())
        .pipe(z.string().regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits')),
    }),
    z.strictObject({ san: z.string().min(1) }),
  ],
  { error: 'a certificate is {"sha256": "…"} or {"san": "…"}' },
)

const INSTANT = { error: 'a day, or a moment with its offset' }

/** A day (its first moment, UTC) or a moment with its offset; epoch milliseconds. */
export const instant = z
  .union([z.iso.date(INSTANT), z.iso.datetime({ ...INSTANT, offset: true })])
  .transform((text) => Date.parse(text))

export const ONE_SECRET = 'give either "sha256" or "token"'

export function hasOneSecret(one: { readonly sha256?: unknown; readonly token?: unknown }): boolean {
  return (one.sha256 === undefined) !== (one.token === undefined)
}

/** Without the members that are undefined, so that a default is not overwritten by nothing. */
export function defined<T extends object>(object: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}

/** True where no element is there twice: a partition that is read twice would be counted twice. */
export function once(list: readonly string[]): boolean {
  return new Set(list).size === list.length
}

export const TWICE = { error: 'one of them is there twice' }
