import type { Credential } from './api/context.ts'
import { hashToken } from './bearer.ts'
import type { AggregatorConfig } from './config.ts'

/** Credentials as the API knows them; the token of a file is whatever stands there now. */
export function credentialsOf(tokens: AggregatorConfig['api']['tokens']): Credential[] {
  return tokens.map(({ name, role, sha256, token, certificate, expires }) => ({
    name,
    role,
    certificate,
    endsAt: expires,
    get hash() {
      return sha256 ?? (token && hashToken(token.reveal()))
    },
  }))
}
