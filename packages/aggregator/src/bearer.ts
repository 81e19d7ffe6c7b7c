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
export function tokenFinder<T extends { readonly hash?: string | undefined }>(
  tokens: readonly T[],
): (presented: string) => readonly T[] {
  return (presented) => {
    const hash = createHash('sha256').update(presented).digest()
    return tokens.filter((each) => {
      const known = Buffer.from(each.hash ?? '', 'hex')
      return known.length === hash.length && timingSafeEqual(known, hash)
    })
  }
}
