import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import { bearerOf, tokenFinder } from '../bearer.ts'
import type { Credential } from './context.ts'
import { type Peer, peerOf, shows } from './peer.ts'
import { Refusal } from './refusal.ts'

export interface Identified {
  readonly credential: Credential
  readonly peer: Peer | undefined
}

/**
 * Finds out who makes a request: whose token it carries, or else whose certificate the connection was made
 * with. Throws `Refusal` NO_TOKEN for anybody else.
 */
export function identifier(credentials: readonly Credential[]) {
  const find = tokenFinder(credentials)
  return (request: IncomingMessage | Http2ServerRequest, now: number): Identified => {
    const presented = bearerOf(request.headers.authorization)
    const peer = peerOf(request)
    const claimed =
      presented === undefined ? byCertificate(credentials, peer) : byToken(find(presented), peer)
    const credential = claimed.find(({ endsAt }) => endsAt === undefined || now < endsAt)
    if (credential === undefined) throw ended(claimed[0]!)
    // Connections live long: it was valid when this one was made.
    if (credential.certificate !== undefined && peer!.endsAt <= now) throw certificateEnded(credential, peer!)
    return { credential, peer }
  }
}

function byToken(found: readonly Credential[], peer: Peer | undefined): readonly Credential[] {
  if (found[0] === undefined)
    throw noToken('the token is not known here; compare it with `tokens` in the configuration')
  const shown = found.filter(({ certificate }) => certificate === undefined || shows(peer, certificate))
  if (shown.length === 0)
    throw noToken(`the token "${found[0].name}" is taken together with its client certificate alone`)
  return shown
}

function byCertificate(credentials: readonly Credential[], peer: Peer | undefined): readonly Credential[] {
  const shown = credentials.filter(
    ({ hash, certificate }) => hash === undefined && certificate !== undefined && shows(peer, certificate),
  )
  if (shown.length > 0) return shown
  if (peer === undefined) throw noToken('this needs a token; send it as "Authorization: Bearer <token>"')
  const names = peer.names.join(', ') || 'none'
  throw noToken(
    'this needs a token, sent as "Authorization: Bearer <token>", or a client certificate that `api.tokens` ' +
      `names; the one shown has sha256 ${peer.sha256} and the names ${names}`,
  )
}

function ended({ name, endsAt }: Credential): Refusal {
  return noToken(
    `the credential "${name}" ended at ${new Date(endsAt ?? 0).toISOString()}; use its successor`,
  )
}

function certificateEnded({ name }: Credential, { endsAt }: Peer): Refusal {
  const at = new Date(endsAt).toISOString()
  return noToken(`the certificate of "${name}" ended at ${at}; connect anew with its successor`)
}

function noToken(message: string): Refusal {
  return new Refusal('NO_TOKEN', message, { 'www-authenticate': 'Bearer' })
}
