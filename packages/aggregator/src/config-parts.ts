import { z } from 'zod'

/** What sources, tokens, forwarders and filters are called. */
export const name = z
  .string()
  .regex(/^[\w.-]{1,64}$/, 'a name has 1 to 64 letters, digits, dots, dashes or underscores')

/** How a source proves to Entra ID who it is. */
export const identity = {
  credential: z.enum(['default', 'managed-identity', 'workload-identity']).default('default'),
  clientId: z.string().optional(),
}

/** A service on this machine that stands for one of Azure's. */
export const emulator = z.strictObject({ kind: z.literal('emulator'), connectionString: z.string() })

/** Without the members that are undefined, so that a default is not overwritten by nothing. */
export function defined<T extends object>(object: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}
