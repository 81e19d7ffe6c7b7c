import type { Role } from '@weir/model'
import type { FastifyRequest } from 'fastify'
import type { ApiContext, Credential } from './context.ts'
import { type Identified, identifier } from './identify.ts'
import { RateLimit } from './rate-limit.ts'
import { Refusal } from './refusal.ts'

/** Who may call a route; what says nothing is served to nobody. */
export type Access = 'anyone' | readonly Role[]

/** An admin may read whatever a reader may. */
export const READERS: Access = ['reader', 'admin']
export const ADMINS: Access = ['admin']
export const FORWARDERS: Access = ['forwarder']
export const EVERYBODY: Access = ['reader', 'forwarder', 'admin']

declare module 'fastify' {
  interface FastifyContextConfig {
    readonly access?: Access
  }
  interface FastifyRequest {
    /** Whose token or certificate it came with; empty on a route for anyone. */
    caller: string
    /** The same, with what showed it; also where the role was refused, and null where nobody was known. */
    identified: Identified | null
  }
}

/** A hook that lets a request through to its route, or throws a `Refusal`. */
export function guard(context: ApiContext): (request: FastifyRequest) => Promise<void> {
  const { clock, limits, status } = context
  const identify = identifier(context.credentials)
  const rate = new RateLimit(limits.requestsPerMinuteMax)
  return async (request) => {
    if (request.is404) return
    const access = request.routeOptions.config.access ?? []
    if (access === 'anyone') return
    const identified = identify(request.raw, clock.now())
    request.identified = identified
    const { credential, peer } = identified
    const waitSeconds = rate.take(credential.name, clock.now())
    if (waitSeconds > 0) throw tooMany(credential, limits.requestsPerMinuteMax, waitSeconds)
    if (!access.includes(credential.role)) throw wrongRole(credential, access)
    if (peer !== undefined) status.certificateShown?.(credential.name, peer.endsAt)
    request.caller = credential.name
  }
}

function wrongRole(credential: Credential, access: readonly Role[]): Refusal {
  const wanted = access.join(' or ')
  return new Refusal(
    'WRONG_ROLE',
    `the credential "${credential.name}" is a ${credential.role}'s; this takes one of ${wanted}`,
  )
}

function tooMany({ name }: Credential, requestsMax: number, waitSeconds: number): Refusal {
  const message = `"${name}" made more than ${requestsMax} requests in a minute; wait ${waitSeconds} s`
  return new Refusal('TOO_MANY', message, { 'retry-after': String(waitSeconds) })
}
