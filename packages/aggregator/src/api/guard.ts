import type { Role, StoredToken } from '@weir/model'
import type { FastifyRequest } from 'fastify'
import { bearerOf, tokenFinder } from '../bearer.ts'
import type { ApiContext } from './context.ts'
import { RateLimit } from './rate-limit.ts'
import { Refusal } from './refusal.ts'

/** Who may call a route; what says nothing is served to nobody. */
export type Access = 'anyone' | readonly Role[]

/** An admin may read whatever a reader may. */
export const READERS: Access = ['reader', 'admin']
export const ADMINS: Access = ['admin']
export const FORWARDERS: Access = ['forwarder']

declare module 'fastify' {
  interface FastifyContextConfig {
    readonly access?: Access
  }
  interface FastifyRequest {
    /** Whose token it came with; empty on a route for anyone. */
    caller: string
  }
}

/** A hook that lets a request through to its route, or throws a `Refusal`. */
export function guard({ tokens, clock, limits }: ApiContext): (request: FastifyRequest) => Promise<void> {
  const find = tokenFinder(tokens)
  const rate = new RateLimit(limits.requestsPerMinuteMax)
  return async (request) => {
    if (request.is404) return
    const access = request.routeOptions.config.access ?? []
    if (access === 'anyone') return
    const token = identify(find, request.headers.authorization)
    const waitSeconds = rate.take(token.name, clock.now())
    if (waitSeconds > 0) throw tooMany(token, limits.requestsPerMinuteMax, waitSeconds)
    if (!access.includes(token.role)) throw wrongRole(token, access)
    request.caller = token.name
  }
}

function identify(
  find: (presented: string) => StoredToken | undefined,
  header: string | undefined,
): StoredToken {
  const presented = bearerOf(header)
  if (presented === undefined) throw noToken('this needs a token; send it as "Authorization: Bearer <token>"')
  const found = find(presented)
  if (found === undefined)
    throw noToken('the token is not known here; compare it with `tokens` in the configuration')
  return found
}

function noToken(message: string): Refusal {
  return new Refusal('NO_TOKEN', message, { 'www-authenticate': 'Bearer' })
}

function wrongRole(token: StoredToken, access: readonly Role[]): Refusal {
  const wanted = access.join(' or ')
  return new Refusal(
    'WRONG_ROLE',
    `the token "${token.name}" is a ${token.role}'s; this takes one of ${wanted}`,
  )
}

function tooMany(token: StoredToken, requestsMax: number, waitSeconds: number): Refusal {
  const message = `"${token.name}" made more than ${requestsMax} requests in a minute; wait ${waitSeconds} s`
  return new Refusal('TOO_MANY', message, { 'retry-after': String(waitSeconds) })
}
