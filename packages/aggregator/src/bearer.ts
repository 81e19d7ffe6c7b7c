import { createHash, timingSafeEqual } from 'node:crypto'

/** SHA-256, lower-case hexadecimal. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

/** The token of an Authorization header of kind Bearer; `undefined` for any other header. */
export function bearerOf(header: string | undefined): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1]
}

/** Finds whose token was presented. It compares with every token, so that the time taken tells nothing about any. */
export function tokenFinder<T extends { readonly hash: string }>(
  tokens: readonly T[],
): (presented: string) => T | undefined {
  const known = tokens.map((token) => ({ token, hash: Buffer.from(token.hash, 'hex') }))
  return (presented) => {
    const hash = createHash('sha256').update(presented).digest()
    let found: T | undefined
    for (const each of known)
      if (each.hash.length === hash.length && timingSafeEqual(each.hash, hash)) found = each.token
    return found
  }
}
