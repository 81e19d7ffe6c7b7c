import type { Secret } from '@weir/runtime'
import type { Credential } from './api/context.ts'
import { hashToken } from './bearer.ts'
import type { AggregatorConfig } from './config.ts'
import type { Refreshable } from './refresh.ts'

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

/** Those of them that stand in a file. */
export function freshTokens(
  tokens: readonly { readonly name: string; readonly token?: Secret | undefined }[],
): Refreshable[] {
  return tokens.flatMap(({ name, token }) =>
    token === undefined ? [] : [{ name: `token ${name}`, refresh: () => token.refresh() }],
  )
}
