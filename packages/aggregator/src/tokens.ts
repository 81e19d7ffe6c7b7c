import type { StoredToken } from '@weir/model'
import { hashToken } from './bearer.ts'
import type { AggregatorConfig } from './config.ts'

/** Tokens as they are kept: a secret that was given in the clear is hashed here and not remembered. */
export function storedTokens(tokens: AggregatorConfig['api']['tokens']): StoredToken[] {
  return tokens.map(({ name, role, sha256, token }) => ({
    name,
    role,
    hash: sha256 ?? hashToken(token!.reveal()),
  }))
}
